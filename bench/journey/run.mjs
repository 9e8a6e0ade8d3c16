// The six questions of the event workload: rapport, ClickHouse (chdb) and DuckDB on the same events,
// each with its table sorted by person, two threads each, in one run, answers compared.
//
//      node run.mjs RAPPORT BENCH_JOURNEY EVENTS.bin EVENTS.csv QUERIES.js
//
// Peers run in processes of their own, one after the other; the best of all rounds counts. BENCH_RUN
// is a command put before each process that asks (say, one that waits until the machine is quiet),
// BENCH_LOAD one before those that load; ROUNDS and PASSES say how often each question is asked.
// MILLISECONDS=1 asks rapport once more of the same events, with milliseconds added to their times.
import { execFileSync, spawn } from 'node:child_process'
import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const [rapport, bench, bin, csv, queries] = process.argv.slice(2).map(p => resolve(p))
const NAMES = ['funnel', 'retention', 'paths', 'dau', 'sessions', 'attribution']
const ROUNDS = Number(process.env.ROUNDS ?? 3)
const PASSES = Number(process.env.PASSES ?? 2)
const THREADS = 2
const MESSAGES = 2000000 // of Segment's HTTP API, loaded as NDJSON
const words = text => (text ?? '').split(' ').filter(w => w !== '')
const RUN = words(process.env.BENCH_RUN)
const LOAD = words(process.env.BENCH_LOAD)
if (!queries || !existsSync(join(here, 'node_modules'))) {
  console.log('# skipped: `npm ci --prefix bench/journey` installs the peers; arguments are in the head of run.mjs')
  process.exit(0)
}

// --- peers: each in a child that takes a name per line and answers {ms, rows} --------------------

async function askPeer (before, which, dir, names) {
  const [command, ...args] = [...before, 'node', join(here, 'peer.mjs'), which, dir, csv, queries, String(THREADS)]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = []
  child.stdin.end(names.map(n => n + '\n').join(''))
  for await (const line of createInterface({ input: child.stdout })) answers.push(JSON.parse(line))
  if (answers.length !== names.length) throw new Error(`${which} ended`)
  return answers
}

function askRapport (data, name) {
  const [command, ...args] = [...RUN, bench, join(data, 'journey'), String(THREADS), String(5 * ROUNDS),
    join(here, 'questions', name + '.json')]
  const a = JSON.parse(execFileSync(command, args, { maxBuffer: 1 << 28 }).toString())
  return { ...a, ms: Math.min(...a.ms) }
}

// --- answers in one form ---------------------------------------------------------------------------

const EVENTS = ['Page Viewed', 'Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed']
const PAGES = ['home', 'search', 'cart', 'checkout', 'thankyou', 'account', 'help', 'product']
const CHANNELS = ['direct', 'organic', 'paid_search', 'email', 'social', 'affiliate', 'referral', 'store']
const page = p => p.startsWith('category-') ? Number(p.slice(9)) : PAGES.indexOf(p) + 1
const day = text => Math.round((Date.parse(text) - Date.UTC(2025, 0, 6)) / 86400000)
const ours = {
  funnel: a => [a.steps.map(s => s.people)],
  retention: a => a.cohorts.flatMap(c => c.returned.map((n, k) => [day(c.start) / 7, k, n]).filter(r => r[2] > 0)),
  paths: a => a.top.map(t => [...t.path.map(([e, p]) => (EVENTS.indexOf(e) + 1) * 100 + page(p)), t.count]),
  dau: a => {
    const rows = new Map()
    for (const s of a.series) s.values.forEach((v, i) => {
      const key = day(a.buckets[i]) * 100 + CHANNELS.indexOf(s.by) + 1
      rows.set(key, { ...rows.get(key), [s.measure]: v })
    })
    return [...rows].filter(([, v]) => v.people > 0).map(([k, v]) => [Math.floor(k / 100), k % 100, v.people, v.sum])
  },
  sessions: a => [[a.people, a.sessions, a.seconds, a.most_of_a_person, a.people_often, a.person_average_seconds]],
  attribution: a => a.credits.map(c => [CHANNELS.indexOf(c.value) + 1, c.conversions, c.amount])
}

// Top 20 by count, then by the nodes; all else by its first columns.
function canonical (name, rows) {
  rows = rows.map(r => r.map(Number))
  const order = (a, b) => { for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i]; return 0 }
  rows.sort(name === 'paths' ? (a, b) => b[3] - a[3] || order(a, b) : order)
  return JSON.stringify(name === 'paths' ? rows.slice(0, 20) : rows)
}

// --- loading -----------------------------------------------------------------------------------------

function load (file, format, data, more = []) {
  const [command, ...args] = [...LOAD, rapport, 'journey', 'load', file, '--format', format, '--data', data, ...more]
  const begun = Date.now()
  execFileSync(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  return Date.now() - begun
}

const pageName = n => n < 10 ? PAGES[n - 1] : `category-${n}`

// The first `most` events again, each as `form` writes it; returns how many.
async function rewrite (to, most, head, form) {
  const out = createWriteStream(to)
  let n = 0
  let text = head
  for await (const line of createInterface({ input: createReadStream(csv) })) {
    if (n === most) break
    text += form(line.split(',').map(Number), n++) + '\n'
    if (text.length > 1 << 20 && !out.write(text)) await once(out, 'drain')
    text = text.length > 1 << 20 ? '' : text
  }
  out.end(text)
  await once(out, 'close')
  return n
}

const asMessage = ([ts, user, event, at, product, channel, country, revenue]) => JSON.stringify({
  type: 'track',
  event: EVENTS[event - 1],
  userId: `user-${user}`,
  timestamp: new Date(ts * 1000).toISOString(),
  messageId: `message-${ts}-${user}`,
  properties: {
    page: pageName(at),
    channel: CHANNELS[channel - 1],
    country,
    ...(product > 0 && { product_id: String(product) }),
    ...(revenue > 0 && { revenue: revenue / 100 })
  }
})

const asRow = ([ts, user, event, at, product, channel, country, revenue], n) =>
  [new Date(ts * 1000 + n * 7919 % 1000).toISOString(), user, EVENTS[event - 1], pageName(at), CHANNELS[channel - 1],
    country, product || '', revenue || ''].join(',')

// Times as shops have them: more than 32 bits hold. The answers are others, so there is no peer.
async function askMilliseconds (dir) {
  const rows = join(dir, 'rows.csv')
  const data = join(dir, 'milliseconds')
  await rewrite(rows, Infinity, 'time,user,event,page,channel,country,product,revenue\n', asRow)
  const n = load(rows, 'csv', data, ['--map', join(here, 'maps', 'milliseconds.json')])
  rmSync(rows)
  const times = NAMES.map(name => `${name} ${askRapport(data, name).ms.toFixed(1)}`)
  console.log(`with milliseconds (loaded from CSV in ${(n / 1000).toFixed(1)} s), ms: ${times.join(', ')}`)
}

async function compareLoads (dir, events) {
  const perSecond = (n, ms) => Math.round(n / ms * 1000).toLocaleString('en')
  const messages = join(dir, 'messages.ndjson')
  console.log(`load, events per second: ${perSecond(events, load(bin, 'bench', join(dir, 'ours')))} from records`)
  const n = await rewrite(messages, MESSAGES, '', asMessage)
  console.log(`load, events per second: ${perSecond(n, load(messages, 'segment', join(dir, 'messages')))} from NDJSON ` +
    `of ${Math.round(statSync(messages).size / n)} bytes each`)
  rmSync(messages)
  rmSync(join(dir, 'messages'), { recursive: true })
}

// --- the run ------------------------------------------------------------------------------------------

const dir = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'bench-journey-'))
try {
  const events = statSync(bin).size / 20
  const peers = ['clickhouse', 'duckdb']
  const sizes = {}
  console.log(`${events.toLocaleString('en')} events, ${THREADS} threads each`)
  await compareLoads(dir, events)
  for (const p of peers) sizes[p] = (await askPeer(LOAD, p, dir, ['load']))[0].bytes
  const logs = { clickhouse: [], duckdb: [] }
  console.log('ms           rapport  clickhouse    duckdb   x clickhouse   x duckdb   answers     MB read   alone   share')
  let size = 0
  for (const name of NAMES) {
    const best = { clickhouse: Infinity, duckdb: Infinity, ours: Infinity, read: Infinity }
    const answers = {}
    let mb = 0
    for (let pass = 0; pass < PASSES; pass++) {
      for (const p of peers)
        for (const r of await askPeer(RUN, p, dir, Array(ROUNDS).fill(name))) {
          best[p] = Math.min(best[p], r.ms)
          answers[p] = canonical(name, r.rows)
        }
      const r = askRapport(join(dir, 'ours'), name)
      best.ours = Math.min(best.ours, r.ms)
      best.read = Math.min(best.read, r.read_ms)
      answers.ours = canonical(name, ours[name](r.answer))
      mb = r.read_bytes / 1e6
      size = r.bytes
    }
    const same = answers.ours === answers.clickhouse && answers.ours === answers.duckdb
    for (const p of peers) logs[p].push(Math.log(best[p] / best.ours))
    console.log(name.padEnd(12), best.ours.toFixed(1).padStart(7), best.clickhouse.toFixed(0).padStart(11),
      best.duckdb.toFixed(0).padStart(9), (best.clickhouse / best.ours).toFixed(1).padStart(14),
      (best.duckdb / best.ours).toFixed(1).padStart(10), '  ', same ? 'same     ' : 'DIFFERENT', mb.toFixed(1).padStart(9),
      best.read.toFixed(1).padStart(7), `${(100 * best.read / best.ours).toFixed(0)} %`.padStart(7))
    if (!same) process.exitCode = 1
  }
  const mean = l => Math.exp(l.reduce((a, b) => a + b) / l.length).toFixed(1)
  const least = l => Math.exp(Math.min(...l)).toFixed(1)
  console.log(`geometric mean: ${mean(logs.clickhouse)} times ClickHouse (least ${least(logs.clickhouse)}), ` +
    `${mean(logs.duckdb)} times DuckDB (least ${least(logs.duckdb)})`)
  console.log(`bytes per event: rapport ${(size / events).toFixed(2)}, ClickHouse ` +
    `${(sizes.clickhouse / events).toFixed(2)}, DuckDB ${(sizes.duckdb / events).toFixed(2)}`)
  if (process.env.MILLISECONDS) await askMilliseconds(dir)
  console.log('alone: what a loop takes that only reads the columns which the question opened, with as many ' +
    'threads; share: of the speed of that loop')
} finally {
  rmSync(dir, { recursive: true })
}
