// One peer of run.mjs: takes a name per line ("load", then questions), answers a line of JSON each.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { existsSync, readdirSync, statSync } from 'node:fs'

const [which, dir, csv, queriesFile, threads] = process.argv.slice(2)
const queries = createRequire(import.meta.url)(queriesFile)
const COLUMNS = ['ts', 'user_id', 'event', 'page', 'product_id', 'channel', 'country', 'revenue']

function size (path) {
  if (!existsSync(path)) return 0
  const s = statSync(path)
  if (!s.isDirectory()) return s.nlink > 0 ? s.size : 0
  return readdirSync(path).reduce((n, name) => n + size(join(path, name)), 0)
}

async function clickhouse () {
  const { Session } = await import('chdb')
  const path = join(dir, 'clickhouse')
  const session = new Session(path)
  const types = { event: 'UInt8', page: 'UInt8', channel: 'UInt8', country: 'UInt8' }
  const columns = COLUMNS.map(c => `${c} ${types[c] ?? 'UInt32'}`)
  const settings = `SETTINGS max_threads=${threads}`
  return {
    async load () {
      session.query('CREATE DATABASE IF NOT EXISTS b ENGINE=Atomic')
      session.query(`CREATE TABLE b.events (${columns}) ENGINE=MergeTree ORDER BY (user_id, ts)`)
      session.query(`INSERT INTO b.events SELECT * FROM file('${csv}', CSV, '${columns}') ${settings}`)
      session.query('OPTIMIZE TABLE b.events FINAL')
      const bytes = session.query("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table='events'", 'CSV')
      return { bytes: Number(bytes) }
    },
    async ask (name) {
      const sql = queries.ch('b.events')[name]
      const begun = performance.now()
      const text = session.query(`${sql} ${settings}`, 'JSONCompactEachRow')
      return { ms: performance.now() - begun, rows: text.trim().split('\n').map(l => JSON.parse(l)) }
    }
  }
}

async function duckdb () {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const path = join(dir, 'duck.db')
  const instance = await DuckDBInstance.create(path, { threads })
  const connection = await instance.connect()
  const types = { event: 'UTINYINT', page: 'UTINYINT', channel: 'UTINYINT', country: 'UTINYINT' }
  const columns = COLUMNS.map(c => `'${c}': '${types[c] ?? 'UINTEGER'}'`).join(', ')
  const sql = {
    ...queries.duck,
    funnel: queries.duck.funnel_asof ?? queries.duck.funnel,
    attribution: queries.duck.attribution_asof ?? queries.duck.attribution
  }
  return {
    async load () {
      await connection.run(`CREATE TABLE events AS SELECT * FROM read_csv('${csv}', header=false, columns={${columns}}) ORDER BY user_id, ts`)
      await connection.run('CHECKPOINT')
      return { bytes: size(path) }
    },
    async ask (name) {
      const begun = performance.now()
      const reader = await connection.runAndReadAll(sql[name])
      const ms = performance.now() - begun
      return { ms, rows: reader.getRows().map(r => r.map(Number)) }
    }
  }
}

const peer = await (which === 'duckdb' ? duckdb() : clickhouse())
for await (const line of createInterface({ input: process.stdin })) {
  const answer = line === 'load' ? await peer.load() : await peer.ask(line)
  console.log(JSON.stringify(answer))
}
