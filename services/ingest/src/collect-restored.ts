import { ANSWER_LINES_MAX } from './recent-messages.ts'
import type { RecentAnswer, RecentQuery } from './recent-messages.ts'
import { readRestoredLine } from './restored-line.ts'
import type { RestoredLine } from './restored-line.ts'

/** Five times what the reference service keeps of a channel. */
const PAGES_MAX = 5
/** So many lines show whether there are older ones. */
const PROBE_LINES = 10
/** A page of fewer lines was hardly cut off: whether there are older ones is asked for with a few. */
const PROBE_BELOW_LINES = 100
/** The clocks of Twitch, of Redis and of the service differ by so much. What comes twice is stored once. */
const CLOCKS_MS = 1000
/** A line from before the gap shows that the service was there when it began. */
const LOOK_BACK_MS = 60_000

export interface RestoredRange {
  readonly fromMs: number
  readonly toMs: number
}

export interface Restored {
  /** In the order the service gave them, oldest page first. */
  readonly lines: readonly RestoredLine[]
  readonly skipped: number
  readonly range: RestoredRange | undefined
  readonly failure: Exclude<RecentAnswer, { kind: 'answered' }> | undefined
}

export interface Gap {
  readonly login: string
  readonly channelId: string
  readonly fromMs: number | undefined
  readonly toMs: number
}

/**
 * Asks for a gap, newest page first, until it is proven that nothing older is missing: a line from before
 * the gap comes, which the service cannot have without the newer ones. Services keep the newest lines of a
 * channel only, and may have joined it in the middle of the gap or because we asked: a short answer
 * alone proves nothing.
 */
export async function collectRestored(
  gap: Gap,
  ask: (query: RecentQuery) => Promise<RecentAnswer>,
): Promise<Restored> {
  const found = new Map<string, RestoredLine>()
  let skipped = 0
  let isJoined = true
  let query: RecentQuery | undefined = firstQuery(gap)
  for (let page = 0; page < PAGES_MAX && query !== undefined; page += 1) {
    const answer = await ask(query)
    if (answer.kind !== 'answered') {
      return {
        ...inGap(found, gap),
        skipped,
        range: reached(found, gap, isJoined),
        failure: answer,
      }
    }
    if (page === 0) isJoined = answer.isJoined
    const read = answer.lines.map((line) => readRestoredLine(line, gap))
    const lines = read.filter((line) => line !== undefined)
    skipped += read.length - lines.length
    const fresh = lines.filter(({ line }) => !found.has(line.key))
    const older = [...fresh.map((line) => [line.line.key, line] as const), ...found]
    found.clear()
    for (const [key, line] of older) found.set(key, line)
    query = nextQuery(gap, { found, fresh, isFirst: page === 0 })
  }
  const range = reached(found, gap, isJoined)
  return { ...inGap(found, gap), skipped, range, failure: undefined }
}

function firstQuery({ login, fromMs, toMs }: Gap): RecentQuery {
  return {
    login,
    limit: ANSWER_LINES_MAX,
    afterMs: fromMs === undefined ? undefined : Math.floor(fromMs - LOOK_BACK_MS),
    // Also shows whether the service joined just after the gap.
    beforeMs: Math.ceil(toMs) + LOOK_BACK_MS,
  }
}

interface Page {
  readonly found: ReadonlyMap<string, RestoredLine>
  readonly fresh: readonly RestoredLine[]
  readonly isFirst: boolean
}

function nextQuery(gap: Gap, { found, fresh, isFirst }: Page): RecentQuery | undefined {
  const { login, fromMs } = gap
  if (fromMs === undefined || hasOlder(found, fromMs)) return undefined
  if (fresh.length === 0 && !isFirst) return undefined
  const isShort = isFirst && fresh.length < PROBE_BELOW_LINES
  const oldestMs = Math.min(...[...found.values()].map(({ serviceMs }) => serviceMs))
  return {
    login,
    limit: isShort ? PROBE_LINES : ANSWER_LINES_MAX,
    // Excludes its millisecond, of which the page may have given only a part.
    beforeMs: Math.ceil(found.size === 0 ? fromMs : oldestMs) + 1,
  }
}

function hasOlder(found: ReadonlyMap<string, RestoredLine>, fromMs: number): boolean {
  return [...found.values()].some(({ timeMs }) => timeMs < fromMs)
}

function inGap(
  found: ReadonlyMap<string, RestoredLine>,
  { fromMs = 0, toMs }: Gap,
): { readonly lines: readonly RestoredLine[] } {
  const isIn = ({ timeMs }: RestoredLine): boolean =>
    timeMs >= fromMs - CLOCKS_MS && timeMs <= toMs + CLOCKS_MS
  return { lines: [...found.values()].filter(isIn) }
}

/** The part of the gap in which the service was in the channel, as far as its lines prove that. */
function reached(
  found: ReadonlyMap<string, RestoredLine>,
  { fromMs, toMs }: Gap,
  isJoined: boolean,
): RestoredRange | undefined {
  const lines = [...found.values()]
  if (lines.length === 0) return undefined
  const times = lines.map(({ timeMs }) => timeMs)
  const isWhole = fromMs !== undefined && hasOlder(found, fromMs)
  const joins = lines.filter(({ isJoin }) => isJoin).map(({ timeMs }) => timeMs)
  const startMs = Math.max(isWhole ? fromMs : Math.min(...times), ...joins)
  // A service that is not in the channel any more got nothing after its newest line.
  const endMs = isJoined ? toMs : Math.min(toMs, Math.max(...times))
  const range = { fromMs: Math.ceil(startMs), toMs: Math.floor(endMs) }
  return range.fromMs < range.toMs ? range : undefined
}
