import type { SegmentEntry } from '@poglog/hot-store'
import { segmentParts } from '@poglog/log-format'
import type { LogRecord, PartRows } from '@poglog/log-format'
import { lookAtChannel } from './channel-look.ts'
import type { ReadDeps } from './deps.ts'
import { hotRuns } from './hot-runs.ts'
import type { LogFilter } from './log-query.ts'
import { mergeRuns } from './merge-runs.ts'
import type { Run } from './run.ts'
import { withoutKnown } from './without-known.ts'

/** Which records: those of a channel, of a user in it, or of a user. */
export type PartFilter = Omit<LogFilter, 'order' | 'after' | 'limit' | 'isWanted'> & {
  readonly channelId?: string | undefined
}

/** A segment or a page of hot records, to learn of records without reading all of them. */
export interface PartSource {
  /** How many wanted records it has at most. */
  readonly recordsMax: number
  /** Sent times; all that it has lie between them. */
  readonly minMs: number
  readonly maxMs: number
  readonly open: () => Promise<LogPart[]>
}

/** A piece of a source, small enough to be held. */
export interface LogPart {
  readonly recordsMax: number
  readonly minMs: number
  readonly maxMs: number
  readonly load: () => Promise<LoadedPart>
}

/** The wanted records of a part that are not hidden, in the part's order. */
export interface LoadedPart {
  readonly length: number
  readonly sentAtMs: (place: number) => number
  /** `''` where it is nobody's. */
  readonly userId: (place: number) => string
  /** Of the sender; `null` where the line has none, or where logins were not asked for. */
  readonly login: (place: number) => string | null
  /** Records at some places, given in ascending order. */
  readonly records: (places: readonly number[]) => Promise<LogRecord[]>
}

/** A channel's records as one view has them: each is in one source, or hot. */
export interface ChannelParts {
  readonly cold: readonly PartSource[]
  /** In pages. Something that was replayed may be in two of them. */
  readonly hot: readonly PartSource[]
  /** What is hot, in order and each record once. */
  readonly hotRecords: () => AsyncIterable<LogRecord[]>
}

/**
 * Finds the parts of a channel's records, or of those of a user in it. Nothing but hot pages that nobody has seen yet is
 * read before a part is opened.
 *
 * Fails as `hotRuns` does; so may the parts, and with {SegmentError} `missing` when a segment of the view is gone: begin
 * anew.
 */
export async function channelParts(
  query: PartFilter & { readonly channelId: string },
  deps: ReadDeps,
): Promise<ChannelParts> {
  const { limits } = deps
  const { shown, snapshot, segments } = await lookAtChannel({ ...query, order: 'asc' }, deps)
  const lookUp = { ...deps, signal: query.signal }
  const runs = await hotRuns(shown, snapshot, deps)
  const hot = runs.map((run) => withoutKnown(run, snapshot.segments, lookUp))
  const pageRecords = Math.max(limits.firstPageEntries, limits.pageEntries)
  return {
    cold: segments.map((segment) => segmentSource(segment, shown, deps)),
    hot: hot.map((run) => runSource(run, pageRecords)),
    hotRecords: () => mergeRuns(hot, shown, deps),
  }
}

/** A segment as a source; `hasLogins` where logins will be asked for. Fails as {@link channelParts} does. */
export function segmentSource(
  segment: SegmentEntry,
  query: PartFilter,
  { cold, footers, hasLogins = false }: Pick<ReadDeps, 'cold' | 'footers'> & HasLogins,
): PartSource {
  const { key, sizeBytes, records: recordsMax, sentMinMs: minMs, sentMaxMs: maxMs } = segment
  const { channelId, userId, types, fromMs, toMs, signal, isVisible } = query
  const wanted = { channelId, userId, types, fromMs, toMs, signal }
  return {
    recordsMax,
    minMs,
    maxMs,
    async open() {
      const parts = await segmentParts({ store: cold, key, sizeBytes }, wanted, {
        footers,
        hasLogins,
      })
      return parts.map(({ rows, sentMinMs, sentMaxMs, load }) => ({
        recordsMax: rows,
        minMs: sentMinMs,
        maxMs: sentMaxMs,
        load: async () => shownRows(await load(), { isVisible, hasLogins }),
      }))
    },
  }
}

interface HasLogins {
  readonly hasLogins?: boolean
}

function shownRows(
  rows: PartRows,
  { isVisible, hasLogins }: Pick<LogFilter, 'isVisible'> & HasLogins,
): LoadedPart {
  const times = rows.sentAtMs()
  const users = rows.userIds()
  const at = (place: number): { sentAtMs: number; userId: string } => ({
    sentAtMs: times[place] ?? Number.NaN,
    userId: users[place] ?? '',
  })
  const channels = isVisible === undefined ? [] : rows.channelIds()
  const logins = hasLogins === true ? rows.logins() : []
  const shown = places(rows.length).filter(
    (place) => isVisible?.({ ...at(place), channelId: channels[place] ?? '' }) ?? true,
  )
  const placeOf = (index: number): number => shown[index] ?? -1
  return {
    length: shown.length,
    sentAtMs: (index) => at(placeOf(index)).sentAtMs,
    userId: (index) => at(placeOf(index)).userId,
    login: (index) => logins[placeOf(index)] ?? null,
    records: async (wanted) => rows.records(wanted.map(placeOf)),
  }
}

/** A run of few records, read as a whole. */
function runSource(run: Run, recordsMax: number): PartSource {
  const { minMs, maxMs } = run
  const load = async (): Promise<LoadedPart> => {
    const records: LogRecord[] = []
    for await (const batch of run.open(undefined)) records.push(...batch)
    return {
      length: records.length,
      sentAtMs: (place) => records[place]?.sentAtMs ?? Number.NaN,
      userId: (place) => records[place]?.userId ?? '',
      login: () => null,
      records: async (wanted) => wanted.flatMap((place) => records[place] ?? []),
    }
  }
  const bounds = { recordsMax, minMs, maxMs }
  return { ...bounds, open: async () => [{ ...bounds, load }] }
}

function places(count: number): number[] {
  return Array.from({ length: count }, (_, place) => place)
}
