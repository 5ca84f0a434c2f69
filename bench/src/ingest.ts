import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atLeast } from './bench.ts'
import type { Bench, Row } from './bench.ts'
import { measureLatency, PACE_PER_SECOND } from './ingest/latency.ts'
import { messagesIn, recordsIn, routedIn, writeLines } from './ingest/lines.ts'
import type { Lines } from './ingest/lines.ts'
import { startPoglog, startTmi } from './ingest/loggers.ts'
import { runRedisBenchmark } from './ingest/redis-benchmark.ts'
import type { RedisRun } from './ingest/redis-benchmark.ts'
import { measureRun } from './ingest/throughput.ts'
import type { Logger, Run } from './ingest/throughput.ts'

const ROUNDS = 3
const LINES = 115_000
/** The peers take fewer, as they take longer. */
const PEER_LINES = 40_000
const PIPELINE = 16

const TMI_TIMES = 5
const REDIS_BENCHMARK_SHARE = 0.5

const POGLOG: Logger = { start: startPoglog, lines: LINES, entriesOf: recordsIn }
const TMI_RAW: Logger = {
  start: startTmi('raw_message'),
  lines: PEER_LINES,
  entriesOf: routedIn,
}
const TMI_MESSAGE: Logger = {
  start: startTmi('message'),
  lines: PEER_LINES,
  entriesOf: messagesIn,
}

export const bench: Bench = {
  description:
    'socket to Redis, one replica, against tmi.js with an XADD a message and redis-benchmark',
  run: async () => {
    const dir = await mkdtemp(join(tmpdir(), 'poglog-bench-'))
    try {
      const pace = { count: LINES, messagesPerSecond: 20_000, startMs: Date.now() }
      const lines = await writeLines(join(dir, 'lines.irc'), pace)
      const rounds: Round[] = []
      for (let round = 0; round < ROUNDS; round += 1) rounds.push(await runRound(lines))
      return [...throughputRows(rounds), ...(await latencyRows())]
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  },
}

/** One after the other, so that what else the machine does meets all of them. */
interface Round {
  readonly poglog: Run
  readonly tmiRaw: Run
  readonly tmiMessage: Run
  readonly alone: RedisRun
  readonly pipelined: RedisRun
}

async function runRound(lines: Lines): Promise<Round> {
  return {
    poglog: await measureRun(POGLOG, lines),
    tmiRaw: await measureRun(TMI_RAW, lines),
    alone: await runRedisBenchmark(lines, 1),
    tmiMessage: await measureRun(TMI_MESSAGE, lines),
    pipelined: await runRedisBenchmark(lines, PIPELINE),
  }
}

function throughputRows(rounds: readonly Round[]): Row[] {
  const median = (of: (round: Round) => number): number => medianOf(rounds.map(of))
  const row = (name: string, unit: string, of: (round: Round) => number): Row => ({
    name,
    value: median(of),
    unit,
  })
  const loggerRows = (name: string, of: (round: Round) => Run): Row[] => [
    row(name, 'lines/s', (round) => of(round).perSecond),
    row(`${name}: processor time of it`, 'us/line', (round) => of(round).loggerUs),
    row(`${name}: processor time of Redis`, 'us/line', (round) => of(round).redisUs),
  ]
  const redisRows = (name: string, of: (round: Round) => RedisRun): Row[] => [
    row(name, 'entries/s', (round) => of(round).perSecond),
    row(`${name}: processor time of Redis`, 'us/entry', (round) => of(round).redisUs),
  ]
  return [
    ...loggerRows('poglog', ({ poglog }) => poglog),
    row('poglog: peak memory at full speed', 'MiB', ({ poglog }) => poglog.loggerPeakMib),
    ...loggerRows('tmi.js, raw_message', ({ tmiRaw }) => tmiRaw),
    ...loggerRows('tmi.js, message (its text only)', ({ tmiMessage }) => tmiMessage),
    ...redisRows('redis-benchmark', ({ alone }) => alone),
    ...redisRows(`redis-benchmark -P ${PIPELINE}`, ({ pipelined }) => pipelined),
    atLeast(
      TMI_TIMES,
      row('times tmi.js, raw_message', 'x', (r) => r.poglog.perSecond / r.tmiRaw.perSecond),
    ),
    row('times tmi.js, message', 'x', (r) => r.poglog.perSecond / r.tmiMessage.perSecond),
    row(
      'less processor time than tmi.js, raw_message',
      'x',
      (r) => r.tmiRaw.loggerUs / r.poglog.loggerUs,
    ),
    atLeast(
      REDIS_BENCHMARK_SHARE,
      row('of redis-benchmark', 'x', (r) => r.poglog.perSecond / r.alone.perSecond),
    ),
    row(
      `of redis-benchmark -P ${PIPELINE}`,
      'x',
      (r) => r.poglog.perSecond / r.pipelined.perSecond,
    ),
  ]
}

async function latencyRows(): Promise<Row[]> {
  const { sortedMs, missed, ingestPeakMib } = await measureLatency()
  const name = `at ${PACE_PER_SECOND} messages/s, from the socket to an answer`
  const at = (share: number): number => sortedMs[Math.floor(sortedMs.length * share)] ?? NaN
  return [
    { name: `${name}: median`, value: at(0.5), unit: 'ms' },
    { name: `${name}: 99th percentile`, value: at(0.99), unit: 'ms' },
    { name: `${name}: lines in no answer`, value: missed, unit: 'lines' },
    { name: `at ${PACE_PER_SECOND} messages/s: peak memory`, value: ingestPeakMib, unit: 'MiB' },
  ]
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}
