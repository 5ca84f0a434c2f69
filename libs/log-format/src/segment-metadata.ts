import type { Level, Projection, SegmentIdentity, SegmentSummary } from './types.ts'

/** The key of poglog's entry in the footer's key-value metadata; its value is JSON. */
export const METADATA_KEY = 'poglog'
/** Readers refuse a higher one. Adding a column or a field does not raise it. */
const FORMAT_VERSION = 1

const WRITER = '@poglog/log-format 0.1.0'
const DIGEST = /^[0-9a-f]{32}$/
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/
/** ULIDs in one list: a month of a busy shard's runs and what they replaced is a few thousand. */
const ULIDS_MAX = 65_536

const PROJECTIONS = ['by-channel', 'by-user', 'words'] as const

const LEVELS: Readonly<Record<Projection, readonly Level[]>> = {
  'by-channel': ['hour', 'day'],
  'by-user': ['run', 'fold'],
  words: ['day', 'fold'],
}

type Lists = Pick<SegmentIdentity, 'replaces' | 'companions'>

/** What the footer says of a segment. Its size is not in it: an object cannot hold its own length. */
export interface SegmentMetadata {
  readonly identity: SegmentIdentity
  readonly summary: Omit<SegmentSummary, 'sizeBytes'>
}

/** @throws Error for what {@link readMetadata} would not take back. */
export function writeMetadata({ identity, summary }: SegmentMetadata): string {
  checkIdentity(identity)
  const { records, sentMinMs, sentMaxMs, digest } = summary
  return JSON.stringify({
    version: FORMAT_VERSION,
    writer: WRITER,
    identity: identityOf(identity),
    summary: { records, sentMinMs, sentMaxMs, digest },
  })
}

/** `unsupported` for a newer version, `undefined` for anything that {@link writeMetadata} never wrote. */
export function readMetadata(json: string): SegmentMetadata | 'unsupported' | undefined {
  const value = parsed(json)
  if (!isFields(value) || !isCount(value['version'])) return undefined
  if (value['version'] > FORMAT_VERSION) return 'unsupported'
  const identity = identityOf(value['identity'])
  const summary = summaryOf(value['summary'])
  if (identity === undefined || summary === undefined) return undefined
  return { identity, summary }
}

/** @throws Error for an identity that no segment can have. */
export function checkIdentity(identity: SegmentIdentity): void {
  if (identityOf(identity) !== undefined) return
  const { projection, level, shard, number } = identity
  throw new Error(`no segment identity: ${projection} ${level}, shard ${shard}, number ${number}`)
}

/** Fields that are absent stay absent; those this version does not know are dropped. */
function identityOf(value: unknown): SegmentIdentity | undefined {
  if (!isFields(value)) return undefined
  const { shard, shards, number, arrivalFromMs, arrivalToMs } = value
  const projection = PROJECTIONS.find((known) => known === value['projection'])
  if (projection === undefined) return undefined
  const level = LEVELS[projection].find((known) => known === value['level'])
  const lists = listsOf(value)
  if (level === undefined || lists === undefined) return undefined
  if (!isCount(shard) || !isCount(shards) || !isCount(number)) return undefined
  if (!isCount(arrivalFromMs) || !isCount(arrivalToMs)) return undefined
  const identity = {
    shard,
    shards,
    number,
    projection,
    level,
    arrivalFromMs,
    arrivalToMs,
    ...lists,
  }
  if (projection !== 'by-user') return identity
  const { users } = value
  const isItsShard = level === 'run' || users === shard
  return isCount(users) && isItsShard ? { ...identity, users } : undefined
}

/** The lists that are there; `undefined` when one is no list of ULIDs. */
function listsOf(value: Record<string, unknown>): Lists | undefined {
  const { replaces, companions } = value
  if (replaces !== undefined && !isUlids(replaces)) return undefined
  if (companions !== undefined && !isUlids(companions)) return undefined
  return {
    ...(replaces === undefined ? {} : { replaces }),
    ...(companions === undefined ? {} : { companions }),
  }
}

function summaryOf(value: unknown): SegmentMetadata['summary'] | undefined {
  if (!isFields(value)) return undefined
  const { records, sentMinMs, sentMaxMs, digest } = value
  if (!isCount(records) || !isCount(sentMinMs) || !isCount(sentMaxMs)) return undefined
  if (typeof digest !== 'string' || !DIGEST.test(digest)) return undefined
  return { records, sentMinMs, sentMaxMs, digest }
}

function parsed(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json)
    return value
  } catch {
    return undefined // No JSON is no metadata of ours; the caller says so.
  }
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isUlids(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length > ULIDS_MAX) return false
  return value.every((item: unknown) => typeof item === 'string' && ULID.test(item))
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
