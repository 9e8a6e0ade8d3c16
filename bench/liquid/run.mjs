// Renders per second of our engine and of liquidjs, in one run, on the public fixtures and on a
// product page of our own: `node run.mjs PROGRAM [FIXTURES]`. Templates are compiled before.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const { Liquid } = await import('liquidjs').catch(() => {
  console.log('# skipped: no liquidjs; `npm ci --prefix bench/liquid` installs it')
  process.exit(0)
})
const here = dirname(fileURLToPath(import.meta.url))
const program = process.argv[2]
const fixtures = process.argv[3] ?? join(process.env.RAPPORT_DATA ?? join(here, '../../../shared/data'), 'liquid/benchmark_fixtures')
const TENTHS = Number(process.env.TENTHS ?? 10) // of a second, each round
const ROUNDS = 3

function prepareTheirs (folder) {
  const root = join(folder, 'templates')
  const engine = new Liquid({ root, partials: root, cache: true })
  const template = engine.parseFileSync('index.liquid')
  const data = JSON.parse(readFileSync(join(folder, 'data.json'), 'utf8'))
  return () => engine.renderSync(template, data)
}

function theirs (render) {
  const from = process.hrtime.bigint()
  const until = from + BigInt(TENTHS) * 100_000_000n
  let n = 0
  let now = from
  while (now < until) {
    for (let i = 0; i < 20; i++) render()
    n += 20
    now = process.hrtime.bigint()
  }
  return n / (Number(now - from) / 1e9)
}

function ours (folder, escape) {
  const args = [folder, String(TENTHS), ...(escape ? ['escape'] : [])]
  const [rate, bytes, verdict] = execFileSync(program, args, { encoding: 'utf8' }).trim().split(' ')
  return { rate: Number(rate), bytes: Number(bytes), same: verdict === 'same' }
}

const folders = [join(here, 'product')]
if (existsSync(fixtures)) folders.unshift(...readdirSync(fixtures).sort().map((f) => join(fixtures, f)))
else console.log(`# no fixtures at ${fixtures}: only our own page`)

console.log('page        bytes     liquidjs/s         ours/s   ratio   escaped/s')
let least = Infinity
for (const folder of folders) {
  const render = prepareTheirs(folder)
  const page = render()
  for (let i = 0; i < 300; i++) render()
  let us = 0
  let them = 0
  let escaped = 0
  let last
  for (let round = 0; round < ROUNDS; round++) {
    them = Math.max(them, theirs(render))
    last = ours(folder, false)
    us = Math.max(us, last.rate)
    escaped = Math.max(escaped, ours(folder, true).rate)
  }
  const ratio = us / them
  least = Math.min(least, ratio)
  const name = folder.split('/').pop()
  console.log(`${name.padEnd(8)} ${String(last.bytes).padStart(8)} ${them.toFixed(0).padStart(14)} ${us.toFixed(0).padStart(14)} ${ratio.toFixed(1).padStart(7)} ${escaped.toFixed(0).padStart(11)}${last.same ? '' : '  DIFFERS FROM THE EXPECTED PAGE'}${Buffer.byteLength(page) === last.bytes ? '' : `  (liquidjs wrote ${Buffer.byteLength(page)} bytes)`}`)
}
console.log(`least ratio ${least.toFixed(1)}`)
