import { isValid } from 'ulid'
import { checkIdentity } from './segment-metadata.ts'
import type { Level, Projection, SegmentIdentity } from './types.ts'

const DATE = String.raw`date=(?<date>\d{4}-\d{2}-\d{2})`
const MONTH = String.raw`month=(?<month>\d{4}-\d{2})`
const SHARD = String.raw`shard=(?<shard>\d{2,4})`
const USERS = String.raw`users=(?<users>\d{2,4})`
const NAME_END = String.raw`-(?<number>\d{1,15})-(?<ulid>[0-9A-HJKMNP-TV-Z]{26})\.parquet`

/** The forms of a key, with what their folder and name say. */
const FORMS: readonly {
  readonly projection: Projection
  readonly level: Level
  readonly pattern: RegExp
}[] = [
  form('by-channel', 'hour', `${DATE}/${SHARD}/hour-(?<hour>\\d{2})`),
  form('by-channel', 'day', `${DATE}/${SHARD}/day`),
  form('by-user', 'run', `${DATE}/${SHARD}/${USERS}/run`),
  form('by-user', 'fold', `${MONTH}/${USERS}/fold`),
  form('words', 'day', `${DATE}/${SHARD}/day`),
  form('words', 'fold', `${MONTH}/${SHARD}/fold`),
]

/**
 * What a segment's object key tells.
 *
 * - `dateMs`: 0:00 UTC of its arrival date; of a fold, that of the first of its month.
 * - `hour`: 0 to 23, `hour` segments only.
 * - `shard`: the channel shard; of a by-user fold the user shard, as `users`.
 * - `users`: the user shard, by-user only.
 */
export interface SegmentKeyParts {
  readonly projection: Projection
  readonly level: Level
  readonly dateMs: number
  readonly hour: number | undefined
  readonly shard: number
  readonly users: number | undefined
  readonly number: number
  readonly ulid: string
}

/**
 * The object key of a segment, for example
 * `by-channel/date=2026-11-21/shard=07/hour-13-42-01KAM9….parquet`. Date and hour, or the month of a
 * fold, are those of `arrivalFromMs`, UTC. The number is the scope's segment number, the ULID makes
 * the name unique. FORMAT.md lists all forms.
 *
 * @throws Error when the identity or the ULID cannot be written as a key.
 */
export function segmentKey(identity: SegmentIdentity, ulid: string): string {
  checkIdentity(identity)
  const { projection, number } = identity
  const key = `${projection}/${folderOf(identity)}/${nameOf(identity)}-${number}-${ulid}.parquet`
  if (parseSegmentKey(key) === undefined) throw new Error(`no segment key can be built: ${key}`)
  return key
}

/** Takes a segment's object key apart; `undefined` for a key that {@link segmentKey} never builds. */
export function parseSegmentKey(key: string): SegmentKeyParts | undefined {
  for (const { projection, level, pattern } of FORMS) {
    const groups = pattern.exec(key)?.groups
    if (groups !== undefined) return partsOf({ projection, level }, groups)
  }
  return undefined
}

function form(projection: Projection, level: Level, path: string) {
  return { projection, level, pattern: new RegExp(`^${projection}/${path}${NAME_END}$`) }
}

function folderOf({ projection, level, shard, users, arrivalFromMs }: SegmentIdentity): string {
  const from = new Date(arrivalFromMs).toISOString()
  const time = level === 'fold' ? `month=${from.slice(0, 7)}` : `date=${from.slice(0, 10)}`
  const userShard = `users=${padded(users ?? 0)}`
  if (projection !== 'by-user') return `${time}/shard=${padded(shard)}`
  return level === 'fold' ? `${time}/${userShard}` : `${time}/shard=${padded(shard)}/${userShard}`
}

function nameOf({ level, arrivalFromMs }: SegmentIdentity): string {
  if (level !== 'hour') return level
  return `hour-${padded(new Date(arrivalFromMs).getUTCHours())}`
}

function partsOf(
  { projection, level }: Pick<SegmentKeyParts, 'projection' | 'level'>,
  groups: Readonly<Record<string, string | undefined>>,
): SegmentKeyParts | undefined {
  const ulid = groups['ulid'] ?? ''
  const number = Number(groups['number'])
  const users = shardOf(groups['users'])
  const shard = groups['shard'] === undefined ? users : shardOf(groups['shard'])
  const date = groups['date'] ?? `${groups['month']}-01`
  const hour = groups['hour'] === undefined ? undefined : Number(groups['hour'])
  const dateMs = Date.parse(date)
  const isUsers = projection !== 'by-user' || users !== undefined
  const isNumber = String(number) === groups['number']
  if (!isValid(ulid) || !isNumber || shard === undefined || !isUsers) return undefined
  if (!isRealDate(date, dateMs) || (hour ?? 0) > 23) return undefined
  return { projection, level, dateMs, hour, shard, users, number, ulid }
}

/** `undefined` for digits that {@link padded} would not write. */
function shardOf(digits: string | undefined): number | undefined {
  const shard = Number(digits)
  return padded(shard) === digits ? shard : undefined
}

function padded(shard: number): string {
  return String(shard).padStart(2, '0')
}

/** `Date.parse` takes 30 February for 1 March in some engines. */
function isRealDate(date: string, dateMs: number): boolean {
  return !Number.isNaN(dateMs) && new Date(dateMs).toISOString().startsWith(date)
}
