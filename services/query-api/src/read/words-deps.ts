import type { Snapshot } from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'
import type { CountLimits } from '../limits.ts'
import type { ReadDeps } from './deps.ts'
import type { ChannelQuery } from './log-query.ts'

/** Yields what no words segment of a snapshot holds: its uncovered segments and hot records, each once. */
export type ReadUncovered = (
  query: ChannelQuery,
  snapshot: Snapshot,
  deps: ReadDeps,
) => AsyncIterable<LogRecord[]>

/** What counting takes. */
export interface CountDeps extends ReadDeps {
  readonly readUncovered: ReadUncovered
  readonly countLimits: CountLimits
}
