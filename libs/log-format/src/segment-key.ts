import { isValid } from 'ulid'
import type { SegmentIdentity } from './types.ts'

const KEY =
  /^by-channel\/date=(\d{4}-\d{2}-\d{2})\/shard=(\d{2,4})\/(?:hour-(\d{2})|(day))-(\d{1,15})-([0-9A-HJKMNP-TV-Z]{26})\.parquet$/

/** What a segment's object key tells. `dateMs` is 0:00 UTC of its arrival date, `hour` 0 to 23. */
export interface SegmentKeyParts {
  readonly projection: 'by-channel'
  readonly level: 'hour' | 'day'
  readonly dateMs: number
  readonly hour: number | undefined
  readonly shard: number
  readonly number: number
  readonly ulid: string
}

/**
 * The object key of a segment, for example
 * `by-channel/date=2026-11-21/shard=07/hour-13-42-01KAM9….parquet`. Date and hour are those of
 * `arrivalFromMs`, UTC. The number is the shard's segment number, the ULID makes the name unique.
 *
 * @throws Error when the identity or the ULID cannot be written as a key.
 */
export function segmentKey(identity: SegmentIdentity, ulid: string): string {
  const { shard, number, level, arrivalFromMs } = identity
  const from = new Date(arrivalFromMs).toISOString()
  const name = level === 'hour' ? `hour-${from.slice(11, 13)}` : 'day'
  const key = `by-channel/date=${from.slice(0, 10)}/shard=${padded(shard)}/${name}-${number}-${ulid}.parquet`
  if (parseSegmentKey(key) === undefined) throw new Error(`no segment key can be built: ${key}`)
  return key
}

/** Takes a segment's object key apart; `undefined` for a key that {@link segmentKey} never builds. */
export function parseSegmentKey(key: string): SegmentKeyParts | undefined {
  const [, date, shardDigits, hourDigits, , numberDigits, ulid] = KEY.exec(key) ?? []
  if (date === undefined || shardDigits === undefined || numberDigits === undefined)
    return undefined
  if (ulid === undefined || !isValid(ulid)) return undefined
  const dateMs = Date.parse(date)
  const hour = hourDigits === undefined ? undefined : Number(hourDigits)
  const shard = Number(shardDigits)
  const number = Number(numberDigits)
  const isCanonical = padded(shard) === shardDigits && String(number) === numberDigits
  if (!isCanonical || !isRealDate(date, dateMs) || (hour ?? 0) > 23) {
    return undefined
  }
  const level = hour === undefined ? 'day' : 'hour'
  return { projection: 'by-channel', level, dateMs, hour, shard, number, ulid }
}

function padded(shard: number): string {
  return String(shard).padStart(2, '0')
}

/** `Date.parse` takes 30 February for 1 March in some engines. */
function isRealDate(date: string, dateMs: number): boolean {
  return !Number.isNaN(dateMs) && new Date(dateMs).toISOString().startsWith(date)
}
