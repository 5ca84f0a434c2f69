import type { GeneratorSettings } from './generate/settings.ts'

/** Streams a file of IRC lines, every line byte for byte to everyone who joined its channel, in the order of the file. */
export interface ReplaySource {
  readonly kind: 'replay'
  /** UTF-8, one line per LF or CRLF. Read once to find the channels, then streamed: never whole in memory. */
  readonly file: string
  /** Lines per second, above 0; `max` is as fast as the slowest client on the channel takes them. */
  readonly rate: number | 'max'
  /**
   * Waits, instead of letting lines fall on the floor, while nobody is on the next line's channel
   * (default true). Lines that were written to a connection which then died are not sent again:
   * they count as sent, as on Twitch.
   */
  readonly pauseWithoutListener?: boolean | undefined
}

/**
 * Makes up chat at wall-clock rate with the current time in it; what nobody listens to is lost, as on Twitch. Rooms and
 * people follow from the seed; what is said differs at each start.
 */
export interface GenerateSource extends Omit<GeneratorSettings, 'startMs'> {
  readonly kind: 'generate'
  /** Told of every line right before it is sent, also when nobody listens: what a logger should have. */
  readonly onLine?: ((line: string, channel: string) => void) | undefined
}

/** How many JOINs a client may do. A channel counts each time it is asked for, also within one `JOIN #a,#b`. */
export interface JoinLimit {
  /** JOINs per window: 20 for an account, 2,000 for a verified bot. */
  readonly joins: number
  /** Default 10,000: Twitch's ten seconds. */
  readonly windowMs?: number | undefined
  /** What shares one budget (default `connection`). `identity` is the nick; all `justinfan` nicks of an address are one. */
  readonly per?: 'connection' | 'address' | 'identity' | undefined
  /** Channels one connection may be in at once (default: no limit). */
  readonly channelsPerConnection?: number | undefined
  /**
   * What a JOIN over the limit gets (default `ignore`: nothing, the client waits for an echo that
   * never comes, which is what loggers reported when Twitch began to enforce the limit).
   *
   * @see https://github.com/gempir/justlog/issues/112 https://github.com/Chatterino/chatterino2/issues/3129
   */
  readonly over?: 'ignore' | 'close' | undefined
}

/** Shares of all lines, 0 to 1, that get a fault by themselves; the same seed picks the same lines. */
export interface FaultRates {
  readonly seed: number
  /** Lines sent twice. */
  readonly duplicateShare?: number | undefined
  /** Lines cut in two, each half in a WebSocket message of its own. */
  readonly splitShare?: number | undefined
  /** Lines followed by one that is broken. */
  readonly malformedShare?: number | undefined
}

export interface ChatSimSettings {
  /** Default 0: a free one. */
  readonly port?: number | undefined
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined
  readonly source: ReplaySource | GenerateSource
  readonly faults?: FaultRates | undefined
  /** Default: no limit. Twitch's own for an account is `{ joins: 20, per: 'identity', channelsPerConnection: 100 }`. */
  readonly joinLimit?: JoinLimit | undefined
  /** Login -> token (without `oauth:`). Default: every token is right. `justinfan` nicks need none. */
  readonly accounts?: Readonly<Record<string, string>> | undefined
  /** Channels whose JOIN is answered by the NOTICE `msg_channel_suspended`. More by {@link ChatSim.suspend}. */
  readonly suspendedChannels?: readonly string[] | undefined
  /** Channels that do not exist: their JOIN gets no answer at all. Every other channel exists, also one without lines. */
  readonly missingChannels?: readonly string[] | undefined
  /** How often the server sends PING. Default 300,000 (about five minutes, as Twitch). */
  readonly pingIntervalMs?: number | undefined
  /** A client that has not answered a PING by then is dropped. Default 10,000. */
  readonly pongTimeoutMs?: number | undefined
  /** A client that takes nothing for so long is dropped. Default 30,000. */
  readonly slowClientMs?: number | undefined
  /** Told of each connection that came or went, and of the end of a replay. */
  readonly onEvent?: ((event: ChatSimEvent) => void) | undefined
  /** Told of each JOIN of a channel that is asked for, and whether it is within the limit. */
  readonly onJoin?: ((channel: string, isGranted: boolean) => void) | undefined
}

/** `sent` is {@link Progress.sent} at that moment, so that a test knows which lines may have been in flight. */
export type ChatSimEvent =
  | { readonly event: 'connected'; readonly connection: number; readonly sent: number }
  | {
      readonly event: 'closed'
      readonly connection: number
      readonly sent: number
      /** Written for this client, but not handed to the operating system: certainly lost. */
      readonly unsentBytes: number
      readonly reason: CloseReason
    }
  | { readonly event: 'done'; readonly sent: number }
  | { readonly event: 'failed'; readonly message: string }

/** Who ended a connection: the client, a fault asked for, or the server as Twitch would. */
export type CloseReason = 'client' | 'fault' | 'slow' | 'no-pong' | 'login' | 'join-limit' | 'stop'

export interface Progress {
  /** Lines given to all who listen; a line to three clients counts once, doubles and broken lines of faults not at all. */
  readonly sent: number
  /** Lines of the file (`sent + skipped` in the end); `undefined` where there is no end. */
  readonly total: number | undefined
  /** Everything was sent and left this process. Always false while chat is made up without end. */
  readonly done: boolean
  /**
   * Replay: lines that are left out because a client would take them for its own session (RECONNECT, CAP,
   * numerics, `NOTICE *`), because no text frame can carry them (not UTF-8, over 256 KiB), or, with
   * `pauseWithoutListener: false`, because nobody was there. Generate: lines nobody listened to.
   */
  readonly skipped: number
  /** Channels of the source that nobody has joined now. */
  readonly waitingFor: readonly string[]
}

export interface ConnectionInfo {
  /** Counts up from 1. */
  readonly id: number
  /** Where it comes from, without the port. */
  readonly address: string
  /** Empty before the login. */
  readonly nick: string
  readonly channels: readonly string[]
  readonly isStalled: boolean
}

/** A fault hits one connection by its {@link ConnectionInfo.id}, or all that are open. */
export interface FaultTarget {
  readonly connection?: number | undefined
}

/** A running chat server. Every method may be called at any time, also after {@link stop}. */
export interface ChatSim {
  /** `ws://host:port`. */
  readonly url: string
  /** The channels of the source, most frequent first where it is made up, else in the order of the file. */
  readonly channels: readonly string[]
  progress(): Progress
  connections(): readonly ConnectionInfo[]
  /** Sends no more lines of the source; connections stay open and are answered. */
  quiet(): void
  /** Ends all connections and closes the port. */
  stop(): Promise<void>

  /** Cuts connections without a goodbye. */
  drop(target?: FaultTarget): void
  /** {@link drop} of all connections. */
  dropAll(): void
  /**
   * Half-open: nothing reaches the client for `durationMs`, the connection stays. Afterwards all that
   * was held back is sent. A replay waits where nobody else is on the channel; beyond 8 MiB held
   * back the client is dropped.
   */
  stall(durationMs: number, target?: FaultTarget): void
  /** Sends RECONNECT, and closes those connections `closeAfterMs` (default 5,000) later. */
  reconnect(options?: FaultTarget & { readonly closeAfterMs?: number }): void
  /** Cuts every new connection before it opens, for `durationMs`. */
  refuse(durationMs: number): void
  /** Answers each PING that much later (0: at once again). */
  delayPong(delayMs: number): void
  /** The next `count` lines are sent twice. */
  duplicate(count: number): void
  /** The next `count` lines are cut in two, each half in a WebSocket message of its own. */
  split(count: number): void
  /** Sends `count` broken lines to everyone, now. */
  malformed(count: number): void
  /** Sends any lines to everyone, now. */
  inject(lines: readonly string[]): void
  /** Parts everyone from a channel and lets nobody join it any more. */
  suspend(channel: string): void
}
