// The six questions of the event workload: rapport, ClickHouse (chdb) and DuckDB on the same events,
// each with its table sorted by person, two threads each, in one run, answers compared.
//
//      node run.mjs RAPPORT BENCH_JOURNEY EVENTS.bin EVENTS.csv QUERIES.js
//
// Peers run in processes of their own, one after the other, round by round; the best round counts.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const [rapport, bench, bin, csv, queries] = process.argv.slice(2).map(p => resolve(p))
const NAMES = ['funnel', 'retention', 'paths', 'dau', 'sessions', 'attribution']
const ROUNDS = Number(process.env.ROUNDS ?? 5)
const THREADS = 2
if (!queries || !existsSync(join(here, 'node_modules'))) {
  console.log('# skipped: `npm ci --prefix bench/journey` installs the peers; arguments are in the head of run.mjs')
  process.exit(0)
}

// --- peers: each in a child that takes a name per line and answers {ms, rows} --------------------

function child (which, dir) {
  const process_ = spawn('node', [join(here, 'peer.mjs'), which, dir, csv, queries, String(THREADS)],
    { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: process_.stdout })[Symbol.asyncIterator]()
  return {
    async ask (name) {
      process_.stdin.write(name + '\n')
      const { value, done } = await lines.next()
      if (done) throw new Error(`${which} ended`)
      return JSON.parse(value)
    },
    async end () {
      process_.stdin.end()
      await lines.next()
    }
  }
}

function askRapport (data, name, rounds) {
  const out = execFileSync(bench, [join(data, 'journey'), String(THREADS), String(rounds),
    join(here, 'questions', name + '.json')], { maxBuffer: 1 << 28 }).toString().split('\n{')
  const first = JSON.parse(out[0])
  return { ms: Math.min(...first.ms), read: JSON.parse('{' + out[2]), size: JSON.parse('{' + out[1]), answer: first.answer }
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

// --- the run ------------------------------------------------------------------------------------------

const dir = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'bench-journey-'))
try {
  const begun = Date.now()
  execFileSync(rapport, ['journey', 'load', bin, '--format', 'bench', '--data', join(dir, 'ours')])
  const events = statSync(bin).size / 20
  console.log(`${events} events; load: ${Math.round(events / (Date.now() - begun))} thousand per second`)
  const peers = { clickhouse: child('clickhouse', dir), duckdb: child('duckdb', dir) }
  const sizes = {}
  for (const p in peers) sizes[p] = (await peers[p].ask('load')).bytes
  const logs = { clickhouse: [], duckdb: [] }
  console.log('ms           rapport  clickhouse    duckdb   x clickhouse   x duckdb   answers')
  let read
  for (const name of NAMES) {
    const best = { clickhouse: Infinity, duckdb: Infinity, ours: Infinity }
    const answers = {}
    for (let round = 0; round < ROUNDS; round++) {
      for (const p in peers) {
        const r = await peers[p].ask(name)
        best[p] = Math.min(best[p], r.ms)
        answers[p] = canonical(name, r.rows)
      }
      const r = askRapport(join(dir, 'ours'), name, 3)
      best.ours = Math.min(best.ours, r.ms)
      answers.ours = canonical(name, ours[name](r.answer))
      read = r
    }
    const same = answers.ours === answers.clickhouse && answers.ours === answers.duckdb
    for (const p in peers) logs[p].push(Math.log(best[p] / best.ours))
    console.log(name.padEnd(12), best.ours.toFixed(1).padStart(7), best.clickhouse.toFixed(0).padStart(11),
      best.duckdb.toFixed(0).padStart(9), (best.clickhouse / best.ours).toFixed(1).padStart(14),
      (best.duckdb / best.ours).toFixed(1).padStart(10), '  ', same ? 'same' : 'DIFFERENT',
      `  reads at ${(100 * read.read.read_ms / best.ours).toFixed(0)} % of memory speed`)
    if (!same) process.exitCode = 1
  }
  const mean = l => Math.exp(l.reduce((a, b) => a + b) / l.length).toFixed(1)
  console.log(`geometric mean: ${mean(logs.clickhouse)} times ClickHouse, ${mean(logs.duckdb)} times DuckDB`)
  console.log(`bytes per event: rapport ${(read.size.bytes / events).toFixed(2)}, ClickHouse ` +
    `${(sizes.clickhouse / events).toFixed(2)}, DuckDB ${(sizes.duckdb / events).toFixed(2)}`)
  console.log(`a loop that only reads the file's bytes: ${read.read.read_ms.toFixed(1)} ms`)
  for (const p in peers) await peers[p].end()
} finally {
  rmSync(dir, { recursive: true })
}
