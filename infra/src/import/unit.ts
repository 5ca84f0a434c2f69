/** What an import takes as one piece: a file, a day of a channel on another instance. */
export interface Unit {
  /** A path or an address, for people. */
  readonly name: string
  /** What tells it from every other state of itself, for the journal; `undefined` for what may still grow. */
  readonly id: string | undefined
  /** The day it is of, ms since the Unix epoch, UTC; `undefined` for a file that may hold any. */
  readonly dayMs: number | undefined
  /** As it lies on the disk; `undefined` where nobody knows before it is read. */
  readonly sizeBytes: number | undefined
  /** The channel of lines that do not tell it. */
  readonly channelId?: string | undefined
  /** Which of its lines to take, by their sent time; all where it is absent. */
  readonly takes?: ((sentAtMs: number) => boolean) | undefined
  /** @throws what says that it cannot be read; the import goes on with the next unit. */
  readonly open: (how: OpenOptions) => Promise<OpenUnit>
}

export interface OpenOptions {
  /** For temporary files. */
  readonly workDir: string
  readonly signal: AbortSignal
}

/** The bytes of a unit, decompressed. Dispose it also when they were not read. */
export interface OpenUnit extends AsyncDisposable {
  readonly bytes: AsyncIterable<Uint8Array>
  /** Whether what was read is all there is, asked behind the last byte; where it is absent, it is. */
  readonly isWhole?: (() => Promise<boolean>) | undefined
  /** How much of the unit's `sizeBytes` has been read. */
  readonly readBytes: () => number
}
