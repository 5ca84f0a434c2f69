import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gapLine, parseLedger, presenceLine } from './ledger.ts'
import type { GapEntry, PresenceEntry } from './ledger.ts'
import { recordFromLine } from './record-from-line.ts'
import { isCounted, wordsOf } from './words.ts'

const PLACE = { channelId: '30', login: 'big', atMs: 2000 }
const WHO = { replica: 'ingest-0', run: 'k3v9' }

const PRESENCES: readonly (readonly [PresenceEntry, string])[] = [
  [
    { kind: 'joined', ...PLACE, ...WHO },
    '@replica=ingest-0;room-id=30;run=k3v9;tmi-sent-ts=2000 :poglog PRESENCE #big :joined',
  ],
  [
    { kind: 'here', ...PLACE, ...WHO, sinceMs: 1000 },
    '@replica=ingest-0;room-id=30;run=k3v9;since=1000;tmi-sent-ts=2000 :poglog PRESENCE #big :here',
  ],
  [
    { kind: 'parted', ...PLACE, ...WHO, sinceMs: 1000, cause: 'moved' },
    '@cause=moved;replica=ingest-0;room-id=30;run=k3v9;since=1000;tmi-sent-ts=2000 :poglog PRESENCE #big :parted',
  ],
  [
    { kind: 'lost', ...PLACE, ...WHO, sinceMs: undefined, cause: 'replica' },
    '@cause=replica;replica=ingest-0;room-id=30;run=k3v9;tmi-sent-ts=2000 :poglog PRESENCE #big :lost',
  ],
  [
    { kind: 'restored', ...PLACE, fromMs: 1000, source: 'logs.example.org' },
    '@from=1000;room-id=30;source=logs.example.org;tmi-sent-ts=2000 :poglog PRESENCE #big :restored',
  ],
]
const GAP: GapEntry = { kind: 'gap', ...PLACE, ...WHO, fromMs: 1000, cause: 'dropped', lines: 7 }
const GAP_LINE =
  '@cause=dropped;from=1000;lines=7;replica=ingest-0;room-id=30;run=k3v9;tmi-sent-ts=2000 :poglog GAP #big :dropped'

/** Characters that IRC tags escape, and others. */
const text = fc.string({ minLength: 1, unit: fc.constantFrom(...'a;\\ :=@\r\nö9'.split('')) })
const ms = fc.nat(Number.MAX_SAFE_INTEGER).map((at) => at % 10 ** 15)
const place = {
  channelId: fc.nat().map(String),
  login: fc.string({ minLength: 1, unit: fc.constantFrom(...'abz_09'.split('')) }),
  atMs: ms,
}
const who = { replica: text, run: text }
const cause = fc.constantFrom('moved', 'connection', 'spool-damaged')
const presence: fc.Arbitrary<PresenceEntry> = fc.oneof(
  fc.record({ kind: fc.constant('joined'), ...place, ...who }),
  fc.record({ kind: fc.constant('here'), ...place, ...who, sinceMs: ms }),
  fc.record({ kind: fc.constant('parted'), ...place, ...who, sinceMs: ms, cause }),
  fc.record({
    kind: fc.constant('lost'),
    ...place,
    ...who,
    sinceMs: fc.option(ms, { nil: undefined }),
    cause,
  }),
  fc.record({ kind: fc.constant('restored'), ...place, fromMs: ms, source: text }),
)
const gap: fc.Arbitrary<GapEntry> = fc.record({
  kind: fc.constant('gap'),
  ...place,
  ...who,
  fromMs: ms,
  cause,
  lines: fc.nat(),
})

describe('a ledger line', () => {
  it.each(PRESENCES)('of %j is as FORMAT.md says', (entry, line) => {
    expect(presenceLine(entry)).toBe(line)
    expect(parseLedger({ type: 'PRESENCE', raw: line })).toEqual(entry)
  })

  it('of a gap is as FORMAT.md says', () => {
    expect(gapLine(GAP)).toBe(GAP_LINE)
    expect(parseLedger({ type: 'GAP', raw: GAP_LINE })).toEqual(GAP)
  })

  it('comes back from a record whatever its texts hold (I1)', () => {
    fc.assert(
      fc.property(fc.oneof(presence, gap), (entry) => {
        const raw = entry.kind === 'gap' ? gapLine(entry) : presenceLine(entry)
        const record = recordFromLine(raw, { receivedAtMs: 0 })
        if (record === undefined) throw new Error(`no record: ${raw}`)
        expect(record).toMatchObject({
          channelId: entry.channelId,
          channelLogin: entry.login,
          userId: '',
          sentAtMs: entry.atMs,
        })
        expect(parseLedger(record)).toEqual(entry)
      }),
    )
  })

  it('counts neither as a message nor as words', () => {
    for (const raw of [GAP_LINE, ...PRESENCES.map(([, line]) => line)]) {
      const record = recordFromLine(raw, { receivedAtMs: 0 })
      expect(record && wordsOf(record)).toBeUndefined()
      expect(record && isCounted(record)).toBe(false)
    }
  })

  it('that two replicas write for a dead one is one record (I2)', () => {
    const [first, second] = [1, 2].map((receivedAtMs) =>
      recordFromLine(PRESENCES[3]?.[1] ?? '', { receivedAtMs }),
    )
    expect(first?.key).toMatch(/^[0-9a-f]{32}$/)
    expect(second?.key).toBe(first?.key)
    const later = presenceLine({ kind: 'joined', ...PLACE, ...WHO, atMs: 2001 })
    expect(recordFromLine(later, { receivedAtMs: 1 })?.key).not.toBe(first?.key)
  })
})

describe('a line that is no ledger entry', () => {
  it.each([
    ':poglog PRESENCE #big :joined',
    '@replica=a;room-id=30;run=b;tmi-sent-ts=2000 :poglog PRESENCE #big :elsewhere',
    '@replica=a;room-id=30;run=b;tmi-sent-ts=2000 :poglog PRESENCE #big :here',
    '@replica=a;room-id=30;run=b;since=1;tmi-sent-ts=2000 :poglog PRESENCE #big :parted',
    '@cause=no\\sword;replica=a;room-id=30;run=b;since=1;tmi-sent-ts=2000 :poglog PRESENCE #big :parted',
    '@room-id=30;run=b;tmi-sent-ts=2000 :poglog PRESENCE #big :joined',
    '@replica=a;room-id=30;run=b;tmi-sent-ts=soon :poglog PRESENCE #big :joined',
    '@from=-1;room-id=30;source=x;tmi-sent-ts=2000 :poglog PRESENCE #big :restored',
    GAP_LINE,
  ])('such as %s gives none', (raw) => {
    expect(parseLedger({ type: 'PRESENCE', raw })).toBeUndefined()
  })

  it('gives none where the record is of another type', () => {
    expect(parseLedger({ type: 'PRIVMSG', raw: GAP_LINE })).toBeUndefined()
    expect(parseLedger({ type: 'GAP', raw: PRESENCES[0]?.[1] ?? '' })).toBeUndefined()
  })
})
