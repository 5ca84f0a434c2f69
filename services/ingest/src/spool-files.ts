import { open, rename, rm } from 'node:fs/promises'

/** What a spool does with one file. */
export interface SpoolFile {
  readonly write: (
    bytes: Uint8Array,
    at: { readonly position: number },
  ) => Promise<{ readonly bytesWritten: number }>
  readonly read: (
    bytes: Uint8Array,
    at: { readonly offset: number; readonly length: number; readonly position: number },
  ) => Promise<{ readonly bytesRead: number }>
  readonly truncate: (length: number) => Promise<void>
  readonly datasync: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Everything a spool changes on disk goes through here, so that a test can let each call fail. */
export interface SpoolFiles {
  readonly open: (path: string, flags: 'r' | 'wx') => Promise<SpoolFile>
  readonly rename: (from: string, to: string) => Promise<void>
  readonly rm: (path: string, options: { readonly force: true }) => Promise<void>
}

export const diskFiles: SpoolFiles = { open, rename, rm }
