import { gapLine, presenceLine, recordFromLine } from '@poglog/log-format'
import type { GapEntry, LedgerEntry, LogRecord } from '@poglog/log-format'
import { beforeEach, describe, expect, it } from 'vitest'
import { createApp } from '../app.ts'
import { fakeDeps } from '../testing/fake-app.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { recordOf } from '../testing/lines.ts'
import { readCoverage } from '../read/read-coverage.ts'
import { TooMuchError } from '../read/too-much.ts'

const HOUR_MS = 3_600_000
const A = { replica: 'a', run: 'r1', channelId: '10', login: 'chan10' }
const B = { ...A, replica: 'b' }

let hot: FakeHot
/** Now, by the hot store. */
let nowMs: number

beforeEach(() => {
  hot = new FakeHot()
  nowMs = hot.nowMs
  hot.logins.set('10', 'chan10')
  hot.registered.add('chan10')
})

function ledgerRecord(entry: LedgerEntry): LogRecord {
  const raw = entry.kind === 'gap' ? gapLine(entry) : presenceLine(entry)
  const record = recordFromLine(raw, { receivedAtMs: entry.atMs })
  if (record === undefined) throw new Error(raw)
  return record
}

const dropped = (fromMs: number, atMs: number, lines: number): GapEntry => ({
  kind: 'gap',
  ...A,
  fromMs,
  atMs,
  cause: 'dropped',
  lines,
})

const deps = () => fakeDeps({ hot })

async function get(path: string): Promise<unknown> {
  const response = await createApp(deps()).request(path)
  return { status: response.status, ...Object(await response.json()) }
}

const rangePath = (fromMs: number, toMs: number): string =>
  `/channel/10/coverage?from=${fromMs}&to=${toMs}`

const iso = (timeMs: number): string => new Date(timeMs).toISOString().replace('.000Z', 'Z')

describe('/channel/:channel/coverage', () => {
  it('tells the last day when nothing else is asked for, up to what live replicas have stored (I1)', async () => {
    const lostMs = nowMs - 2 * HOUR_MS
    const joinedMs = lostMs + 20_500
    hot.append(
      [
        { kind: 'here', ...A, sinceMs: nowMs - 90 * HOUR_MS, atMs: nowMs - 3 * HOUR_MS } as const,
        dropped(lostMs - 60_000, lostMs - 50_001, 7),
        {
          kind: 'lost',
          ...A,
          sinceMs: nowMs - 90 * HOUR_MS,
          atMs: lostMs,
          cause: 'connection',
        } as const,
        { kind: 'joined', ...B, atMs: joinedMs } as const,
        { kind: 'here', ...B, sinceMs: joinedMs, atMs: joinedMs + HOUR_MS } as const,
      ].map(ledgerRecord),
    )
    hot.append([recordOf({ number: 1, sentAtMs: lostMs - 70_000 })])
    hot.live.push({ replica: 'b', run: 'r1', coveredMs: nowMs - 700 })
    const fromMs = nowMs - 24 * HOUR_MS
    expect(await get('/channel/chan10/coverage')).toEqual({
      status: 200,
      channelId: '10',
      from: iso(fromMs),
      to: iso(nowMs - 700),
      nextFrom: null,
      isComplete: false,
      coveredSeconds: 24 * 3600 - 0.7 - 20.5 - 10,
      gapSeconds: 30.5,
      restoredSeconds: 0,
      intervals: [
        { from: iso(fromMs), to: iso(lostMs - 60_000), replicas: ['a'] },
        { from: iso(lostMs - 50_000), to: iso(lostMs), replicas: ['a'] },
        { from: iso(joinedMs), to: iso(nowMs - 700), replicas: ['b'] },
      ],
      gaps: [
        {
          from: iso(lostMs - 60_000),
          to: iso(lostMs - 50_000),
          cause: 'dropped',
          lines: 7,
          restored: false,
        },
        { from: iso(lostMs), to: iso(joinedMs), cause: 'connection', restored: false },
      ],
    })
  })

  it('is complete when every gap was restored', async () => {
    const [fromMs, toMs] = [nowMs - 5 * HOUR_MS, nowMs - 4 * HOUR_MS]
    hot.append(
      [
        { kind: 'lost', ...A, sinceMs: fromMs, atMs: fromMs + 1000, cause: 'connection' } as const,
        { kind: 'joined', ...A, atMs: fromMs + 3000 } as const,
        { kind: 'parted', ...A, sinceMs: fromMs + 3000, atMs: toMs + 5, cause: 'moved' } as const,
        {
          kind: 'restored',
          channelId: '10',
          login: 'chan10',
          fromMs: fromMs + 900,
          atMs: fromMs + 3000,
          source: 'x',
        } as const,
      ].map(ledgerRecord),
    )
    expect(await get(`/channel/10/coverage?from=${fromMs}&to=${toMs}`)).toMatchObject({
      to: iso(toMs),
      isComplete: true,
      coveredSeconds: 3598,
      gapSeconds: 0,
      restoredSeconds: 2,
      gaps: [{ cause: 'connection', restored: true }],
    })
  })

  it('finds records that lie 70 minutes around the range, and none beyond', async () => {
    const atMs = nowMs - 10 * HOUR_MS
    hot.append(
      [
        { kind: 'joined', ...A, atMs } as const,
        { kind: 'here', ...A, sinceMs: atMs, atMs: atMs + HOUR_MS } as const,
      ].map(ledgerRecord),
    )
    expect(await get(rangePath(atMs + 1000, atMs + 2000))).toMatchObject({
      coveredSeconds: 1,
      gaps: [],
    })
    expect(await get(rangePath(atMs - 11 * 60_000, atMs - 10 * 60_000))).toMatchObject({
      gapSeconds: 60,
      gaps: [{ cause: 'unrecorded', restored: false }],
    })
  })

  it('is one unrecorded gap for a channel that is known and was never received', async () => {
    expect(await get('/channel/chan10/coverage')).toMatchObject({
      to: iso(nowMs),
      coveredSeconds: 0,
      gapSeconds: 86_400,
      intervals: [],
      gaps: [{ from: iso(nowMs - 24 * HOUR_MS), to: iso(nowMs), cause: 'unrecorded' }],
    })
  })

  it('shows nothing of time that is kept no longer (P1)', async () => {
    const sinceMs = nowMs - 40 * HOUR_MS
    hot.append([ledgerRecord({ kind: 'here', ...A, sinceMs, atMs: sinceMs + HOUR_MS })])
    hot.retentionDays.set('10', 1)
    expect(await get(`/channel/10/coverage?from=${sinceMs}`)).toMatchObject({ coveredSeconds: 0 })
  })

  it.each([
    ['/channel/nobody/coverage', 404, 'no channel nobody is known here'],
    ['/channel/99/coverage', 404, 'no channel 99 is known here'],
    ['/channel/10/coverage?from=2000&to=1000', 400, 'from: must be before to'],
    ['/channel/10/coverage?from=9000000000', 400, 'from: must be before to'],
    [
      '/channel/10/coverage?from=1700000000&to=1731622401',
      400,
      'from: must be at most 366 days before to',
    ],
    ['/channel/10/coverage?from=yesterday', 400, 'from: must be RFC 3339'],
    ['/channel/10/coverage?limit=1', 400, 'limit: is not a parameter of this route'],
  ])('%s is a %i', async (path, status, detail) => {
    const answer = await get(path)
    expect(answer).toMatchObject({ status })
    expect(JSON.stringify(answer)).toContain(detail)
  })

  it('is described, and its answer and others do not count as messages', async () => {
    const openApi = await get('/openapi.json')
    expect(openApi).toHaveProperty(['paths', '/channel/{channel}/coverage', 'get'])
    const atMs = nowMs - HOUR_MS
    hot.append([ledgerRecord({ kind: 'joined', ...A, atMs }), ledgerRecord(dropped(atMs, atMs, 1))])
    hot.append([recordOf({ number: 1, sentAtMs: atMs })])
    expect(await get('/channel/10/stats')).toMatchObject({ messages: 1 })
    for (const word of ['joined', 'dropped']) {
      expect(await get(`/channel/10/words?word=${word}`)).toMatchObject({ total: 0 })
    }
    expect(await get('/channel/10/logs')).toMatchObject({ messages: { length: 1 } })
    expect(await get('/channel/10/logs?type=PRESENCE,GAP')).toMatchObject({
      messages: { length: 2 },
    })
  })
})

/** Twenty joins of ten minutes, an hour apart. */
function appendVisits(): number {
  const startMs = nowMs - 40 * HOUR_MS
  const visits = Array.from({ length: 20 }, (_, at) => startMs + at * HOUR_MS)
  hot.append(
    visits.map((sinceMs) =>
      ledgerRecord({ kind: 'parted', ...A, sinceMs, atMs: sinceMs + 600_000, cause: 'moved' }),
    ),
  )
  return startMs
}

describe('a coverage with more than an answer holds', () => {
  it.each([
    ['pieces', { piecesMax: 7 }],
    ['records', { recordsMax: 6 }],
  ])('is told in parts that make the whole: too many %s', async (_, limits) => {
    const startMs = appendVisits()
    const live = await hot.replicas.list()
    const signal = new AbortController().signal
    const rest = { channelId: '10', toMs: startMs + 19.5 * HOUR_MS, live, signal }
    const whole = await readCoverage({ ...rest, fromMs: startMs - 1000 }, deps())
    expect(whole).toMatchObject({ isCut: false, intervals: { length: 20 }, gaps: { length: 21 } })
    let fromMs = startMs - 1000
    let coveredMs = 0
    let parts = 0
    for (let isCut = true; isCut; parts += 1) {
      const part = await readCoverage({ ...rest, fromMs, ...limits }, deps())
      for (const span of part.intervals) coveredMs += span.toMs - span.fromMs
      expect(part.toMs).toBeGreaterThan(fromMs)
      fromMs = part.toMs
      isCut = part.isCut
    }
    expect(fromMs).toBe(rest.toMs)
    expect(coveredMs).toBe(20 * 600_000)
    expect(parts).toBeGreaterThan(3)
  })

  it('is refused where no part of it can be told', async () => {
    const startMs = appendVisits()
    const live = await hot.replicas.list()
    const signal = new AbortController().signal
    const request = { channelId: '10', fromMs: startMs, toMs: startMs + 1, live, signal }
    await expect(readCoverage({ ...request, recordsMax: 1 }, deps())).rejects.toThrow(TooMuchError)
  })
})
