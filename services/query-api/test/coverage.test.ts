import { gapLine, presenceLine, recordFromLine } from '@poglog/log-format'
import type { LedgerEntry, LogRecord } from '@poglog/log-format'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { rawLines } from './model.ts'
import { World } from './world.ts'

const HOUR_MS = 3_600_000
const A = { replica: 'ingest-0', run: 'r1', channelId: '10', login: 'chan10' }
const B = { ...A, replica: 'ingest-1', run: 'r2' }

let world: World

beforeAll(async () => {
  world = await World.open()
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

function ledgerRecord(entry: LedgerEntry): LogRecord {
  const raw = entry.kind === 'gap' ? gapLine(entry) : presenceLine(entry)
  const record = recordFromLine(raw, { receivedAtMs: entry.atMs })
  if (record === undefined) throw new Error(raw)
  return record
}

async function get(path: string): Promise<object> {
  const response = await world.app().request(path)
  if (response.status !== 200) throw new Error(`${path} is a ${response.status}`)
  const body: unknown = await response.json()
  if (typeof body !== 'object' || body === null) throw new Error(`${path} answers no object`)
  return body
}

it('tells the same of a time wherever its records are: hot, sealed, compacted, trimmed (I1) (Q1)', async () => {
  const { nowMs } = await world.hot.replicas.list()
  const startMs = nowMs - 3 * HOUR_MS
  const chat = (first: number) =>
    Array.from({ length: 50 }, (_, at) => ({ number: first + at, sentAtMs: startMs + at * 1000 }))
  const entries: LedgerEntry[] = [
    { kind: 'joined', ...A, atMs: startMs },
    { kind: 'gap', ...A, fromMs: startMs + 1000, atMs: startMs + 2999, cause: 'dropped', lines: 3 },
    { kind: 'here', ...A, sinceMs: startMs, atMs: startMs + HOUR_MS },
    { kind: 'lost', ...A, sinceMs: undefined, atMs: startMs + 1.5 * HOUR_MS, cause: 'replica' },
    { kind: 'joined', ...B, atMs: startMs + 1.5 * HOUR_MS + 12_000 },
    { kind: 'here', ...B, sinceMs: startMs + 1.5 * HOUR_MS + 12_000, atMs: nowMs - 1000 },
  ]
  await world.append(chat(0))
  await world.appendRecords(entries.map(ledgerRecord))
  await world.append(chat(100))
  const path = `/channel/10/coverage?from=${startMs - 60_000}&to=${nowMs - 1000}`
  const expected = {
    isComplete: false,
    gapSeconds: 60 + 2 + 12,
    intervals: [{ replicas: ['ingest-0'] }, { replicas: ['ingest-0'] }, { replicas: ['ingest-1'] }],
    gaps: [
      { cause: 'unrecorded' },
      { cause: 'dropped', lines: 3 },
      { cause: 'replica', restored: false },
    ],
  }
  const answer = await get(path)
  expect(answer).toMatchObject(expected)
  const chatLines = await rawLines(world.app(), '/channel/10/logs?order=asc')
  expect(chatLines).toHaveLength(100)
  const ledgerLines = await rawLines(world.app(), '/channel/10/logs?order=asc&type=PRESENCE,GAP')
  expect(ledgerLines).toEqual(entries.map((entry) => ledgerRecord(entry).raw))

  expect(await get('/channel/10/stats')).toMatchObject({ messages: 100, chatters: 1 })

  const shard = world.hot.shardOf('10')
  const moves = [
    () => world.seal(shard),
    () => world.trim(shard),
    () => world.compact(shard),
    () => world.fold(),
  ]
  for (const move of moves) {
    await move()
    expect(await get(path)).toEqual(answer)
    expect(await rawLines(world.app(), '/channel/10/logs?order=asc')).toEqual(chatLines)
    expect(await rawLines(world.app(), '/channel/10/logs?order=asc&type=PRESENCE,GAP')).toEqual(
      ledgerLines,
    )
  }
  expect(world.equalKeys).toBe(0)
})

it('tells what a live replica has stored, and no more once it is gone (I1)', async () => {
  const { nowMs } = await world.hot.replicas.list()
  const joinedMs = nowMs - 30_000
  const run = { replica: 'ingest-2', run: 'r3' }
  await world.appendRecords([
    ledgerRecord({ kind: 'joined', ...run, channelId: '20', login: 'chan20', atMs: joinedMs }),
  ])
  const path = `/channel/20/coverage?from=${joinedMs}`
  expect(await get(path)).toMatchObject({ coveredSeconds: 0 })

  const coveredMs = nowMs - 1500
  const beat = { ...run, weight: 1, isLeaving: false, coveredMs, version: undefined }
  const load = { channels: 1, messagesPerSecond: 1, utilisation: 0 }
  await world.hot.replicas.beat({ ...beat, load, slots: new Map() })
  expect(await get(path)).toMatchObject({
    to: new Date(coveredMs).toISOString().replace('.000Z', 'Z'),
    isComplete: true,
    coveredSeconds: 28.5,
  })

  await world.hot.replicas.leave(run.replica, run.run)
  expect(await get(path)).toMatchObject({ coveredSeconds: 0, isComplete: false })
})

it('has what two replicas write for a dead one once (I2)', async () => {
  const { nowMs } = await world.hot.replicas.list()
  const lost = ledgerRecord({
    kind: 'lost',
    replica: 'ingest-9',
    run: 'r9',
    channelId: '30',
    login: 'chan30',
    sinceMs: undefined,
    atMs: nowMs - 20_000,
    cause: 'replica',
  })
  const shard = world.hot.shardOf('30')
  expect(await world.hot.append(shard, [lost])).toEqual({ appended: 1, duplicates: 0 })
  expect(await world.hot.append(shard, [lost])).toEqual({ appended: 0, duplicates: 1 })
})
