import type { RowGroupPlace } from './footer.ts'

/** A stretch of bytes between row groups that is not worth another request. */
const GAP_BYTES = 262_144

/** Neighbouring row groups to be loaded together, and how: whole, or only what turns out to be wanted. */
export interface Span {
  readonly groups: readonly RowGroupPlace[]
  readonly isWhole: boolean
}

/** How large requests may become. */
export interface SpanLimits {
  /** Row groups of the first request: the first page of an answer should not wait for, nor pay for, more. */
  readonly firstGroups: number
  /** Bytes of a request for several row groups; a larger row group has one of its own. */
  readonly bytesMax: number
}

/**
 * Puts row groups that lie one behind the other and are wanted whole together, each span to be fetched in one request;
 * the others are spans of their own. The order is kept, also where it is backwards.
 */
export function spansOf(
  groups: readonly RowGroupPlace[],
  isWanted: (group: RowGroupPlace) => boolean,
  { firstGroups, bytesMax }: SpanLimits,
): Span[] {
  const spans: { groups: RowGroupPlace[]; isWhole: boolean }[] = []
  let bytes = 0
  for (const group of groups) {
    const span = spans.at(-1)
    const last = span?.groups.at(-1)
    const isWhole = isWanted(group)
    const sizeBytes = group.end - group.start
    const isFull =
      bytes + sizeBytes > bytesMax || (spans.length === 1 && span?.groups.length === firstGroups)
    const isNext = last !== undefined && gapBetween(last, group) <= GAP_BYTES
    if (span !== undefined && span.isWhole && isWhole && isNext && !isFull) {
      span.groups.push(group)
      bytes += sizeBytes
    } else {
      spans.push({ groups: [group], isWhole })
      bytes = sizeBytes
    }
  }
  return spans
}

function gapBetween(one: RowGroupPlace, other: RowGroupPlace): number {
  return Math.max(other.start - one.end, one.start - other.end)
}
