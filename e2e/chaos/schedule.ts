import { SeededRandom } from './random.ts'

/** Harm that is done to the world, and when it ends. Numbers say which one, from 0 on. */
export type Fault =
  | { readonly kind: 'ingest-kill'; readonly index: number }
  | { readonly kind: 'ingest-freeze'; readonly index: number; readonly durationMs: number }
  | { readonly kind: 'ingest-rolling-restart' }
  | { readonly kind: 'chat-reset'; readonly index: number }
  | { readonly kind: 'chat-stall'; readonly index: number; readonly durationMs: number }
  | { readonly kind: 'chat-black-hole'; readonly index: number; readonly durationMs: number }
  | { readonly kind: 'chat-refuse'; readonly index: number; readonly durationMs: number }
  | { readonly kind: 'chat-reconnect'; readonly index: number }
  | { readonly kind: 'chat-reconnect-all' }
  | { readonly kind: 'lines-doubled'; readonly count: number }
  | { readonly kind: 'lines-split'; readonly count: number }
  | { readonly kind: 'lines-malformed'; readonly count: number }
  | { readonly kind: 'redis-kill'; readonly node: number; readonly awayMs: number }
  | { readonly kind: 'redis-freeze'; readonly node: number; readonly durationMs: number }
  | { readonly kind: 'redis-clock-step'; readonly offsetMs: number }
  | { readonly kind: 'archiver-kill'; readonly index: number }
  | { readonly kind: 'archiver-restart'; readonly index: number }
  | { readonly kind: 'archiver-freeze'; readonly index: number; readonly durationMs: number }
  | { readonly kind: 'api-kill'; readonly index: number }
  | { readonly kind: 'api-freeze'; readonly index: number; readonly durationMs: number }
  | { readonly kind: 's3-storm'; readonly durationMs: number }
  | { readonly kind: 's3-answers-lost'; readonly times: number }
  | { readonly kind: 's3-answers-reset'; readonly times: number }
  | { readonly kind: 's3-slow'; readonly delayMs: number; readonly durationMs: number }
  | { readonly kind: 's3-kill'; readonly awayMs: number }
  | { readonly kind: 'compact'; readonly isFolding: boolean }
  | { readonly kind: 'compact-killed'; readonly isFolding: boolean; readonly afterMs: number }
  | VersionFault

/** A part ends as it is asked to, and another version of it starts. */
export interface VersionFault {
  readonly kind: 'upgrade' | 'downgrade'
  readonly of: 'ingests' | 'archivers' | 'apis'
  readonly index: number
}

export type FaultKind = Fault['kind']
type DrawnKind = Exclude<FaultKind, VersionFault['kind']>

/** What is done one after the other. Tracks run beside each other. */
export type Track = 'fleet' | 'lines' | 'redis' | 'clock' | 'stores' | 'compaction' | 'versions'

export interface Step {
  readonly fault: Fault
  /** How long to wait afterwards; the fleet's wait begins when it is whole again. */
  readonly pauseMs: number
}

export interface Sizes {
  readonly ingests: number
  readonly archivers: number
  readonly apis: number
  readonly redisNodes: number
}

/** Each kind comes as often as it stands here before any comes again, in an order by the seed. */
const DECKS: Readonly<Record<Exclude<Track, 'versions'>, readonly DrawnKind[]>> = {
  fleet: [
    'ingest-kill',
    'ingest-kill',
    'ingest-freeze',
    'ingest-rolling-restart',
    'chat-reset',
    'chat-stall',
    'chat-black-hole',
    'chat-refuse',
    'chat-reconnect',
    'chat-reconnect-all',
  ],
  lines: ['lines-doubled', 'lines-split', 'lines-malformed'],
  redis: ['redis-kill', 'redis-kill', 'redis-freeze'],
  clock: ['redis-clock-step'],
  stores: [
    'archiver-kill',
    'archiver-kill',
    'archiver-restart',
    'archiver-freeze',
    'api-kill',
    'api-freeze',
    's3-storm',
    's3-answers-lost',
    's3-answers-reset',
    's3-slow',
    's3-kill',
  ],
  compaction: ['compact', 'compact', 'compact', 'compact-killed', 'compact-killed'],
}

const PAUSES_MS: Readonly<Record<Track, readonly [number, number]>> = {
  fleet: [500, 4000],
  lines: [1000, 5000],
  redis: [8000, 25_000],
  clock: [3000, 12_000],
  stores: [1000, 7000],
  compaction: [6000, 15_000],
  versions: [1000, 3000],
}

/** The steps of a track, without end; the same for the same seed. */
export function* stepsOf(track: Track, seed: number, sizes: Sizes): Generator<Step, never> {
  const random = new SeededRandom(seed, `steps of ${track}`)
  for (;;) {
    const faults =
      track === 'versions'
        ? changesOfVersion(random, sizes)
        : random.shuffled(DECKS[track]).map((kind) => draw(kind, random, sizes))
    for (const fault of faults) yield { fault, pauseMs: random.between(...PAUSES_MS[track]) }
  }
}

/** All parts upgraded in some order, and all set back in another. */
function changesOfVersion(random: SeededRandom, sizes: Sizes): VersionFault[] {
  const parts = (['ingests', 'archivers', 'apis'] as const).flatMap((of) =>
    Array.from({ length: sizes[of] }, (_, index) => ({ of, index })),
  )
  return (['upgrade', 'downgrade'] as const).flatMap((kind) =>
    random.shuffled(parts).map(({ of, index }) => ({ kind, of, index })),
  )
}

function draw(kind: DrawnKind, random: SeededRandom, sizes: Sizes): Fault {
  const one = (of: number): number => random.between(0, of - 1)
  const ms = (fromS: number, toS: number): number => random.between(fromS * 1000, toS * 1000)
  switch (kind) {
    case 'ingest-kill':
    case 'chat-reset':
    case 'chat-reconnect':
      return { kind, index: one(sizes.ingests) }
    case 'ingest-freeze':
      // Longer than any lease: others have taken over when it wakes up.
      return { kind, index: one(sizes.ingests), durationMs: ms(12, 20) }
    case 'chat-stall':
    case 'chat-black-hole':
    case 'chat-refuse':
      return { kind, index: one(sizes.ingests), durationMs: ms(3, 20) }
    case 'ingest-rolling-restart':
    case 'chat-reconnect-all':
      return { kind }
    case 'lines-doubled':
    case 'lines-split':
    case 'lines-malformed':
      return { kind, count: random.between(1, 20) }
    case 'redis-kill':
      return { kind, node: one(sizes.redisNodes), awayMs: random.between(500, 5000) }
    case 'redis-freeze':
      return { kind, node: one(sizes.redisNodes), durationMs: ms(1, 4) }
    case 'redis-clock-step':
      return { kind, offsetMs: random.between(-15_000, 15_000) }
    case 'archiver-kill':
    case 'archiver-restart':
      return { kind, index: one(sizes.archivers) }
    case 'archiver-freeze':
      // Longer than the queue's lock: another one does the same job meanwhile.
      return { kind, index: one(sizes.archivers), durationMs: ms(12, 18) }
    case 'api-kill':
      return { kind, index: one(sizes.apis) }
    case 'api-freeze':
      return { kind, index: one(sizes.apis), durationMs: ms(3, 18) }
    case 's3-storm':
      return { kind, durationMs: ms(5, 15) }
    case 's3-answers-lost':
    case 's3-answers-reset':
      return { kind, times: random.between(1, 6) }
    case 's3-slow':
      return { kind, delayMs: random.between(20, 150), durationMs: ms(5, 10) }
    case 's3-kill':
      return { kind, awayMs: ms(1, 4) }
    case 'compact':
      return { kind, isFolding: random.chance(0.5) }
    case 'compact-killed':
      return { kind, isFolding: random.chance(0.5), afterMs: random.between(400, 3000) }
  }
}
