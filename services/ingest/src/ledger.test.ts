import type { AppendLine } from '@poglog/hot-store'
import { parseLedger, recordTypeOf } from '@poglog/log-format'
import type { LedgerEntry } from '@poglog/log-format'
import { beforeEach, describe, expect, it } from 'vitest'
import { Ledger } from './ledger.ts'

const HOUR_MS = 3_600_000
/** What monotonic 0 is by Redis' clock. */
const OFFSET_MS = 1_700_000_000_000
const WHO = { replica: 'a', run: 'r1' }
const BIG = { ...WHO, channelId: '10', login: 'big' }

let nowMs: number
let room: number
let written: LedgerEntry[]
let told: string[]
let ids: Map<string, string>
let ledger: Ledger

beforeEach(() => {
  nowMs = 0
  room = Number.POSITIVE_INFINITY
  written = []
  told = []
  ids = new Map([
    ['big', '10'],
    ['small', '11'],
  ])
  ledger = new Ledger({
    ...WHO,
    offer: (line) => {
      if (room <= 0) return false
      room -= 1
      written.push(entryOf(line))
      return true
    },
    channelIdOf: (login) => ids.get(login),
    toRedisMs: (monotonicMs) => OFFSET_MS + monotonicMs,
    nowMs: () => nowMs,
    random: () => 0.5,
    events: {
      presenceLost: (cause, channels) => told.push(`lost ${cause} ${channels}`),
      presenceBack: (cause, lostMs) => told.push(`back ${cause} ${lostMs}`),
      gapWritten: (cause, lines) => told.push(`gap ${cause} ${lines}`),
      ledgerLost: (records) => told.push(`given up ${records}`),
    },
  })
})

function entryOf({ raw, type }: AppendLine): LedgerEntry {
  const recordType = recordTypeOf(type)
  const entry = recordType && parseLedger({ raw, type: recordType })
  if (entry === undefined) throw new Error(`no ledger line: ${raw}`)
  return entry
}

function lineOf(
  channelId: string,
  sentAtMs: number | undefined,
  login = `c${channelId}`,
): AppendLine {
  const raw = `@room-id=${channelId} :x!x@x PRIVMSG #${login} :hi`
  return { channelId, key: '0'.repeat(32), raw, sentAtMs, userId: '', type: 'PRIVMSG' }
}

const at = (monotonicMs: number): number => OFFSET_MS + monotonicMs

describe('the presence of a channel', () => {
  it('is written from join to loss and again from the next join, in Redis time (I1)', () => {
    ledger.joined('big', 100.4)
    ledger.lost('big', 5000.6, 'connection')
    ledger.joined('big', 9000)
    ledger.parted('big', 12_000, 'moved')
    expect(written).toEqual([
      { kind: 'joined', ...BIG, atMs: at(100) },
      { kind: 'lost', ...BIG, sinceMs: at(100), atMs: at(5001), cause: 'connection' },
      { kind: 'joined', ...BIG, atMs: at(9000) },
      { kind: 'parted', ...BIG, sinceMs: at(9000), atMs: at(12_000), cause: 'moved' },
    ])
    expect(told[0]).toBe('lost connection 1')
    expect(told[1]).toMatch(/^back connection 3999\.\d+$/)
  })

  it('goes on when it is joined a second time, and ends once', () => {
    ledger.joined('big', 100)
    ledger.joined('big', 200)
    ledger.parted('big', 300, 'stopped')
    ledger.parted('big', 400, 'stopped')
    ledger.lost('big', 400, 'connection')
    expect(written.map(({ kind, atMs }) => [kind, atMs])).toEqual([
      ['joined', at(100)],
      ['parted', at(300)],
    ])
    expect(told).toEqual([])
  })

  it('is empty where nothing is known to be stored, and never ends before it began', () => {
    ledger.joined('big', 100)
    ledger.lost('big', undefined, 'refused')
    ledger.joined('small', 100)
    ledger.lost('small', 50, 'connection')
    const ends = written.filter(({ kind }) => kind === 'lost')
    expect(ends).toMatchObject([
      { sinceMs: at(100), atMs: at(100) },
      { sinceMs: at(100), atMs: at(100) },
    ])
  })

  it('keeps what an earlier record said when the end says less', () => {
    ledger.joined('big', 0)
    ledger.joined('small', 0)
    for (const login of ['big', 'small']) ledger.here([{ login, coveredMs: 2 * HOUR_MS }])
    ledger.lost('big', undefined, 'connection')
    ledger.lost('small', HOUR_MS, 'connection')
    const end = { kind: 'lost', sinceMs: at(0), atMs: at(2 * HOUR_MS) }
    expect(written.slice(-2)).toMatchObject([end, end])
  })

  it('waits for the id of its channel', () => {
    ledger.joined('new', 100)
    ledger.tick()
    expect(written).toEqual([])
    expect(ledger.waiting).toBe(1)
    ids.set('new', '12')
    ledger.tick()
    expect(written).toEqual([
      { kind: 'joined', ...WHO, channelId: '12', login: 'new', atMs: at(100) },
    ])
  })
})

describe('a checkpoint', () => {
  it('is written when nothing was for an hour, by what is covered and not by the clock', () => {
    const here = (coveredMs: number | undefined): void => ledger.here([{ login: 'big', coveredMs }])
    ledger.joined('big', 0)
    written.length = 0
    here(undefined)
    here(HOUR_MS + 149_999)
    expect(written).toEqual([])
    here(HOUR_MS + 150_000)
    here(HOUR_MS + 200_000)
    expect(written).toEqual([{ kind: 'here', ...BIG, sinceMs: at(0), atMs: at(HOUR_MS + 150_000) }])
    here(2 * HOUR_MS + 300_000)
    expect(written).toHaveLength(2)
  })

  it('is written, once covered beyond it, when others took the replica for dead (I1)', () => {
    ledger.joined('big', 0)
    nowMs = 20_000
    ledger.evicted()
    // What was covered before lies before the LOST record of the others.
    ledger.here([{ login: 'big', coveredMs: 19_999 }])
    expect(written.length).toBe(1)
    ledger.here([
      { login: 'big', coveredMs: 20_100 },
      { login: 'small', coveredMs: 20_100 },
    ])
    expect(written.slice(1)).toEqual([{ kind: 'here', ...BIG, sinceMs: at(0), atMs: at(20_100) }])
    ledger.here([{ login: 'big', coveredMs: 60_000 }])
    expect(written.length).toBe(2)
  })
})

describe('lines that were not stored', () => {
  it('are one gap of their channel after ten seconds, with their number (I1)', () => {
    ledger.dropped([lineOf('10', at(5000)), lineOf('11', at(4000))], 'dropped')
    nowMs = 3000
    ledger.dropped([lineOf('10', at(3000)), lineOf('10', undefined)], 'dropped')
    nowMs = 9999
    ledger.tick()
    expect(written).toEqual([])
    nowMs = 10_000
    ledger.tick()
    const common = { kind: 'gap', ...WHO, cause: 'dropped' }
    expect(written).toEqual([
      { ...common, channelId: '10', login: 'c10', fromMs: at(3000), atMs: at(5000), lines: 3 },
      { ...common, channelId: '11', login: 'c11', fromMs: at(4000), atMs: at(4000), lines: 1 },
    ])
    expect(told).toEqual(['gap dropped 3', 'gap dropped 1'])
  })

  it('are several gaps when they are far apart or of different causes', () => {
    ledger.dropped(
      [lineOf('10', at(0)), lineOf('10', at(60_001)), lineOf('10', at(60_002))],
      'dropped',
    )
    ledger.dropped([lineOf('10', at(60_001))], 'refused')
    ledger.flush()
    expect(written.map((entry) => entry.kind === 'gap' && [entry.cause, entry.lines])).toEqual([
      ['dropped', 1],
      ['dropped', 2],
      ['refused', 1],
    ])
  })

  it('hold back what may be called covered until their gap was taken (I1)', () => {
    nowMs = 1000
    expect(ledger.settledUntilMs()).toBe(1000)
    ledger.dropped([lineOf('10', at(5000))], 'dropped')
    nowMs = 2000
    expect(ledger.settledUntilMs()).toBe(1000)
    room = 0
    nowMs = 12_000
    ledger.tick()
    nowMs = 13_000
    expect(ledger.settledUntilMs()).toBe(12_000)
    room = 1
    ledger.tick()
    expect(ledger.settledUntilMs()).toBe(13_000)
    expect(written).toHaveLength(1)
  })

  it('of the ledger itself make no gap: it keeps them', () => {
    room = 0
    ledger.joined('big', 0)
    const own = { ...lineOf('10', at(0)), type: 'PRESENCE' }
    ledger.dropped([own, { ...own, type: 'GAP' }], 'dropped')
    room = 10
    ledger.flush()
    expect(written.map(({ kind }) => kind)).toEqual(['joined'])
  })

  it('of more channels than can be told apart are a gap of all (I1)', () => {
    ledger.joined('big', 0)
    ledger.joined('small', 0)
    written.length = 0
    const lines = Array.from({ length: 10_002 }, (_, index) =>
      lineOf(String(100 + index), at(index)),
    )
    ledger.dropped(lines, 'dropped')
    ledger.flush()
    expect(written).toHaveLength(10_002)
    const wide = { kind: 'gap', fromMs: at(10_000), atMs: at(10_001), lines: 0, cause: 'dropped' }
    expect(written.slice(-2)).toEqual([
      { ...wide, ...BIG },
      { ...wide, ...BIG, channelId: '11', login: 'small' },
    ])
  })

  it('that a damaged spool held are a gap of all channels, in pieces of an hour', () => {
    ledger.joined('big', 0)
    ledger.spoolDamaged({ fromMs: at(0), toMs: at(HOUR_MS * 2.5) })
    const gaps = written.slice(1)
    expect(gaps.map(({ atMs }) => atMs)).toEqual([1, 2, 2.5].map((hours) => at(hours * HOUR_MS)))
    expect(gaps).toMatchObject(gaps.map(() => ({ kind: 'gap', cause: 'spool-damaged', lines: 0 })))
    expect(told).toEqual(['gap spool-damaged 0'])
  })
})

describe('records without room', () => {
  it('wait and are offered again, in order', () => {
    room = 1
    ledger.joined('big', 1)
    ledger.joined('small', 2)
    ledger.parted('big', 3, 'moved')
    expect(written).toHaveLength(1)
    expect(ledger.waiting).toBe(2)
    room = 1
    ledger.tick()
    room = 9
    ledger.parted('small', 4, 'moved')
    ledger.tick()
    expect(written.map(({ kind, login }) => `${kind} ${login}`)).toEqual([
      'joined big',
      'joined small',
      'parted big',
      'parted small',
    ])
  })

  it('are given up, and told, when there are too many', () => {
    room = 0
    for (let index = 0; index < 50_003; index += 1) ledger.joined(`c${index}`, 0)
    expect(ledger.waiting).toBe(50_000)
    expect(told).toEqual(['given up 1', 'given up 1', 'given up 1'])
  })
})

describe('the end of another replica', () => {
  const lost = { replica: 'b', run: 'r7', coveredMs: at(7000), slots: [1, 2] }
  const channels = [
    { channelId: '10', login: 'big' },
    { channelId: '11', login: 'small' },
  ]

  it('is written without a begin, and the same by whoever writes it (I2)', () => {
    expect(ledger.lostReplica(lost, channels)).toBe(true)
    expect(written[0]).toEqual({
      kind: 'lost',
      replica: 'b',
      run: 'r7',
      channelId: '10',
      login: 'big',
      sinceMs: undefined,
      atMs: at(7000),
      cause: 'replica',
    })
    const [first, second] = written
    nowMs = 5000
    ledger.lostReplica(lost, channels)
    expect(written.slice(2)).toEqual([first, second])
    expect(told).toEqual(['lost replica 2', 'lost replica 2'])
  })

  it('is to be written again where there was no room for all', () => {
    room = 1
    expect(ledger.lostReplica(lost, channels)).toBe(false)
    expect(told).toEqual([])
  })
})

it('writes what a backfill brought in pieces of an hour', () => {
  ledger.restored('big', { fromMs: 1000, toMs: 1000 + HOUR_MS + 5 }, 'logs.example.org')
  const restored = { kind: 'restored', channelId: '10', login: 'big', source: 'logs.example.org' }
  expect(written).toEqual([
    { ...restored, fromMs: 1000, atMs: 1000 + HOUR_MS },
    { ...restored, fromMs: 1000 + HOUR_MS, atMs: 1005 + HOUR_MS },
  ])
})
