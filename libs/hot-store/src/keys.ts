import { HotStoreError } from './errors.ts'
import type { Scope } from './types.ts'

/** Most shards a store may have: each costs a reconciler pass and one set of segments a day. */
export const SHARDS_MAX = 1024

/** Buckets of the name hashes. 65,536 keep a bucket below the 128 fields of Redis' compact encoding up to four million names. */
const NAME_BUCKETS = 65_536

export const REGISTRY_KEY = 'channels'
/** Login -> ms of the last access, of channels that are registered because somebody asked for them; in the registry's slot. */
export const ASKED_CHANNELS_KEY = '{channels}:asked'
export const META_KEY = 'meta'
/** User id -> the request to erase, and the users whose requests are pending. */
export const ERASURES_KEY = '{erasures}:requests'
export const PENDING_ERASURES_KEY = '{erasures}:pending'
export const RETENTION_KEY = 'retention'
/** Who is opted out since when, by id, and the codes to do so by their expiry. */
export const OPT_OUT_KEYS = {
  state: '{optouts}:state',
  users: '{optouts}:users',
  channels: '{optouts}:channels',
  codes: '{optouts}:codes',
} as const

/** What the replicas of ingest share, in the order in which the scripts take it. */
export const INGEST_KEYS = [
  '{ingest}:state',
  '{ingest}:replicas',
  '{ingest}:holdings',
  '{ingest}:uncovered',
  '{ingest}:runs',
  '{ingest}:lost',
] as const
/** Login -> messages a minute. */
export const RATES_KEY = '{ingest}:rates'

/** 20 digits hold any unsigned 64-bit number; Twitch's ids have 10 today. */
const ID = /^\d{1,20}$/
const LOGIN = /^[a-z0-9_]{1,25}$/
const RECORD_KEY = /^[0-9a-f]{32}$/
const HITS_KEY = /^[a-z0-9.:/]{1,64}$/
const JOINS_KEY = /^[a-zA-Z0-9._:-]{1,128}$/

/** Whether the text is a numeric Twitch id that may become part of a key. */
export const isId = (text: string): boolean => ID.test(text)

/** Whether the text is a Twitch login, lower case. */
export const isLogin = (text: string): boolean => LOGIN.test(text)

/** Whether the text is a record key: 32 lower-case hex digits. */
export const isRecordKey = (text: string): boolean => RECORD_KEY.test(text)

/** The keys of one scope. The hash tag keeps them in one slot of a cluster, so that a script may touch them all. */
export const stateKey = (scope: Scope): string => `${tag(scope)}:state`
export const segmentsKey = (scope: Scope): string => `${tag(scope)}:segments`
/** Object key -> when it went, ms, and which swap took it. */
export const removedKey = (scope: Scope): string => `${tag(scope)}:removed`
/** Segment number -> when it was reserved, ms. */
export const reservedKey = (scope: Scope): string => `${tag(scope)}:reserved`
/** User id -> what was sent before this ms is erased. */
export const erasedKey = (scope: Scope): string => `${tag(scope)}:erased`
/** In scope `users`: shard:number of a run -> when it was folded, ms, and by which swap. */
export const absorbedKey = (scope: Scope): string => `${tag(scope)}:absorbed`

/** Traces of the batches appended last, by when; only where somebody traces. */
export const tracesKey = (shard: number): string => `${tag(shard)}:traces`
export const channelsKey = (shard: number): string => `${tag(shard)}:channels`

/** @throws {HotStoreError} `invalid` when the id is no decimal number. */
export function streamKey(shard: number, channelId: string): string {
  return `${tag(shard)}:hot:${checkedId(channelId)}`
}

/** @throws {HotStoreError} `invalid` when the id is no decimal number or the time is no day. */
export function userKey(shard: number, userId: string, dayMs: number): string {
  return `${tag(shard)}:user:${dayOf(dayMs)}:${checkedId(userId)}`
}

export const nameBucketKey = (text: string): string =>
  `names:${(fnv1a32(text) % NAME_BUCKETS).toString(16).padStart(4, '0')}`

/** The joins of one account or address. @throws {HotStoreError} `invalid` when the name must not be part of a key. */
export function joinsKey(name: string): string {
  if (!JOINS_KEY.test(name)) {
    throw new HotStoreError('invalid', `not the name of a join budget: ${quoted(name)}`)
  }
  return `{ingest}:joins:${name}`
}

/** The hits of one client. @throws {HotStoreError} `invalid` when the name must not be part of a key. */
export function hitsKey(client: string): string {
  if (!HITS_KEY.test(client)) {
    throw new HotStoreError('invalid', `not the name of a client: ${quoted(client)}`)
  }
  return `hits:${client}`
}

/** The shard of a channel: FNV-1a (32 bit) of its id's digits, modulo the number of shards. */
export function shardOf(channelId: string, shards: number): number {
  return fnv1a32(checkedId(channelId)) % shards
}

export function checkedId(id: string): string {
  if (!isId(id)) throw new HotStoreError('invalid', `not a numeric id: ${quoted(id)}`)
  return id
}

export function checkedTimeMs(timeMs: number): number {
  if (!Number.isSafeInteger(timeMs) || timeMs < 0 || timeMs > TIME_MS_MAX) {
    throw new HotStoreError('invalid', `not a time in milliseconds: ${timeMs}`)
  }
  return timeMs
}

/** Shows hostile text in a message: escaped and short. */
export const quoted = (text: string): string => JSON.stringify(text.slice(0, 60))

/**
 * FNV-1a, 32 bit, over the UTF-8 bytes (ids and logins are ASCII, where bytes are char codes).
 *
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/** 9999-12-31, so that a day always has four digits of year. */
const TIME_MS_MAX = 253_402_300_799_999

/** `YYYY-MM-DD`, UTC. */
const dayOf = (timeMs: number): string => new Date(checkedTimeMs(timeMs)).toISOString().slice(0, 10)

function tag(shard: Scope): string {
  if (shard === 'users') return '{users}'
  if (!Number.isInteger(shard) || shard < 0 || shard >= SHARDS_MAX) {
    throw new HotStoreError('invalid', `not a shard: ${shard}`)
  }
  return `{s${String(shard).padStart(2, '0')}}`
}
