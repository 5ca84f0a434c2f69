import type { LogRecord, Position } from '@poglog/log-format'
import { comparePositions } from '@poglog/log-format'

/** A record by its arrival: milliseconds since the Unix epoch, Redis time. */
export type Arrived = Pick<LogRecord, 'receivedAtMs' | 'sentAtMs' | 'key'>

/**
 * What a listener has been given, as arrivals: all that it takes to go on, wherever the records lie by then.
 *
 * - `arrivedMs`: everything that arrived before.
 * - `within`: of what arrived in that very millisecond, everything up to this place. What one append brings into a
 *   channel has an arrival of its own, so nothing comes in between later.
 * - `seen`: of what arrived at or after it, these; see {@link seenMark}.
 * - `history`: of what arrived at or after it and before `toMs`, everything up to `after`, in the order of the log.
 */
export interface Progress {
  readonly arrivedMs: number
  readonly within?: Position | undefined
  readonly seen?: readonly string[] | undefined
  readonly history?: History | undefined
}

export interface History {
  readonly toMs: number
  readonly after: Position | undefined
}

/** Marks in an id: an id then has 1,200 characters at most, and the header it comes back in stays small. */
export const SEEN_MARKS_MAX = 128

const PLACE = String.raw`(\d{1,15})\.([0-9a-f]{32})`
const ID = new RegExp(
  String.raw`^(\d{1,15})(?:\.${PLACE})?(?:_((?:[\w-]{8}){1,${SEEN_MARKS_MAX}}))?(?:~(\d{1,15})(?:\.${PLACE})?)?$`,
)
const MARK_HEX_DIGITS = 12
const MARK_CHARACTERS = 8

/** What tells a record from the few others of its user and time: 48 bits of its key. */
export function seenMark(key: string): string {
  return Buffer.from(key.slice(0, MARK_HEX_DIGITS), 'hex').toString('base64url')
}

/** The id of the event that made it so. */
export function encodeProgress({ arrivedMs, within, seen = [], history }: Progress): string {
  const own = `${arrivedMs}${placeText(within)}`
  const marks = seen.length === 0 ? '' : `_${seen.join('')}`
  return history === undefined
    ? own + marks
    : `${own}${marks}~${history.toMs}${placeText(history.after)}`
}

/** Reads what {@link encodeProgress} wrote. @returns `undefined` for any other text. */
export function decodeProgress(text: string): Progress | undefined {
  const match = ID.exec(text)
  if (match === null) return undefined
  const [, arrived, sent, key, marks = '', toMs, historySent, historyKey] = match
  return {
    arrivedMs: Number(arrived),
    within: placeOf(sent, key),
    seen: Array.from({ length: marks.length / MARK_CHARACTERS }, (_, at) =>
      marks.slice(at * MARK_CHARACTERS, (at + 1) * MARK_CHARACTERS),
    ),
    history:
      toMs === undefined
        ? undefined
        : { toMs: Number(toMs), after: placeOf(historySent, historyKey) },
  }
}

/** Whether a listener that has got so far has been given a record. */
export function isGiven({ arrivedMs, within, seen, history }: Progress, record: Arrived): boolean {
  const { receivedAtMs, key } = record
  if (receivedAtMs < arrivedMs) return true
  if (receivedAtMs === arrivedMs && within !== undefined && comparePositions(record, within) <= 0) {
    return true
  }
  if (seen !== undefined && seen.length > 0 && seen.includes(seenMark(key))) return true
  return (
    history?.after !== undefined &&
    receivedAtMs < history.toMs &&
    comparePositions(record, history.after) <= 0
  )
}

/** Compares by arrival, then in the order of the log: the order in which a channel's records are given. */
export function compareArrived(left: Arrived, right: Arrived): number {
  return left.receivedAtMs - right.receivedAtMs || comparePositions(left, right)
}

function placeText(place: Position | undefined): string {
  return place === undefined ? '' : `.${place.sentAtMs}.${place.key}`
}

function placeOf(sent: string | undefined, key: string | undefined): Position | undefined {
  return sent === undefined || key === undefined ? undefined : { sentAtMs: Number(sent), key }
}
