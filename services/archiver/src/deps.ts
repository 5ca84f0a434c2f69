import type { HotStore } from '@poglog/hot-store'
import type { FooterCache } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import type { ArchiveEvents } from './events.ts'
import type { Step } from './step.ts'
import type { SetAside } from './compact/set-aside.ts'

/** The part of the hot store that jobs use. */
export type ArchiveHot = Pick<
  HotStore,
  | 'shards'
  | 'state'
  | 'manifest'
  | 'freeze'
  | 'check'
  | 'channels'
  | 'readRange'
  | 'commit'
  | 'trim'
  | 'reserve'
  | 'swap'
  | 'usersView'
  | 'dropAbsorbed'
  | 'forgetAbsorbed'
  | 'removedObjects'
  | 'forgetRemoved'
  | 'expireReservations'
  | 'erased'
  | 'expireUserSets'
  | 'tidyUserSets'
  | 'userShardOf'
  | 'shardOf'
  | 'erasures'
  | 'eraseEntries'
  | 'retention'
  | 'names'
>

/** How large segments get and how much is read at once. */
export interface SealLimits {
  /** A segment never crosses a multiple of it (nor of an hour). Milliseconds. */
  readonly periodMs: number
  /** About how many records a segment holds at most; a window being read may hold a quarter more. */
  readonly recordsMax: number
  /** About how many bytes of raw lines a segment holds at most; likewise. */
  readonly rawBytesMax: number
  /** Channels read at the same time. */
  readonly readConcurrency: number
}

/**
 * Everything a job touches. All effects go through `hot`, `cold`, `clock`, `sleep` and `newUlid`, so a
 * test can make each of them fail.
 */
export interface ArchiveDeps {
  readonly hot: ArchiveHot
  readonly cold: ObjectStore
  /** Milliseconds that never run backwards; only differences are used. Redis tells the time of day. */
  readonly clock: () => number
  readonly sleep: (delayMs: number) => Promise<void>
  /** A new ULID whose time part is the given time, milliseconds since the Unix epoch. */
  readonly newUlid: (timeMs: number) => string
  readonly limits: SealLimits
  readonly events: ArchiveEvents
  readonly step: Step
  /** A folder of this process alone for temporary files; `openWorkDir` makes one. */
  readonly workDir: string
  /** What could not be read lately; kept as long as the process lives. */
  readonly setAside: SetAside
  /** Ends a job between two of its steps; whatever it leaves behind, the next run copes with. */
  readonly signal?: AbortSignal
}

/** What looking up records in segments takes. */
export interface LookUpDeps extends Pick<ArchiveDeps, 'cold' | 'signal'> {
  readonly events: Pick<ArchiveEvents, 'lookUpFailed'>
  /** Footers of the segments looked into, for more than one look-up. */
  readonly footers?: FooterCache | undefined
}
