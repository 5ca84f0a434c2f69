import type { Connection, ConnectionHandlers } from './connection.ts'
import type { JoinBudget } from './join-budget.ts'

export interface PoolSettings {
  /** Least time between two connections being opened. */
  readonly connectIntervalMs: number
  readonly pingIntervalMs: number
  /** A PING without an answer for so long: channels are joined elsewhere. */
  readonly pongMsMax: number
  /** Silence after which a connection is ended. */
  readonly silenceMsMax: number
  /** So many channels may be asked for; `Infinity` without a limit. */
  readonly channelsMax: number
}

export interface PoolDeps {
  readonly open: (handlers: ConnectionHandlers) => Connection
  readonly budget: JoinBudget
  readonly settings: PoolSettings
  readonly events: PoolEvents
  readonly presence: Presence
  /** Lines as they came, and the way to tell the pool what they say about the channels. */
  readonly onLines: (lines: readonly string[], source: LineSource) => void
  /** Every line handed on before that time is stored. Monotonic, as `nowMs`. */
  readonly storedUntilMs: () => number
  /** Of several channels to join, the one with the highest goes first. */
  readonly priorityOf: (login: string) => number
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number
  /** 0 (inclusive) to 1 (exclusive); default `Math.random`. */
  readonly random?: () => number
}

/** Where lines came from. */
export interface LineSource {
  /** Whether a channel waits for its confirmation on any connection, so that a line of it is news. */
  readonly isJoining: () => boolean
  /** The channel is joined on this connection: a ROOMSTATE or any other line of it came. */
  readonly confirm: (login: string) => void
  /** Twitch will not let us in: suspended, banned, closed. */
  readonly refuse: (login: string, messageId: string) => void
}

/**
 * From when to when a channel is received, in monotonic milliseconds; told when it happens. Going from
 * one connection to another is no interruption where nothing can have been missed.
 */
export interface Presence {
  readonly joined: (login: string, atMs: number) => void
  /** Against our wish. Everything sent before `coveredMs` is stored. */
  readonly lost: (login: string, coveredMs: number, cause: 'connection' | 'refused') => void
  /** It is not wanted any more, or the pool stops: then what is on its way to the store counts as stored. */
  readonly parted: (login: string, coveredMs: number) => void
}

export interface PoolEvents extends Pick<
  ConnectionHandlers,
  'lineTooLong' | 'frameDamaged' | 'failed' | 'diagnostic' | 'loginRefused'
> {
  readonly frameReceived: (sizeBytes: number) => void
  readonly connectionOpened: () => void
  readonly connectionReady: () => void
  readonly connectionClosed: (reason: string, lostChannels: number) => void
  readonly reconnectAsked: (channels: number) => void
  /** A PING was not answered in time. */
  readonly connectionSuspect: (channels: number) => void
  /** It is answered after all. */
  readonly connectionRecovered: () => void
  readonly joinsAsked: (logins: readonly string[]) => void
  readonly joined: (login: string) => void
  readonly joinUnconfirmed: (login: string) => void
  readonly joinRefused: (login: string, messageId: string) => void
  readonly parted: (login: string) => void
  /** More channels are wanted than may be asked for. */
  readonly channelsLimited: (channels: number, channelsMax: number) => void
}
