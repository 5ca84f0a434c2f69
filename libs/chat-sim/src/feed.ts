import type { Progress } from './types.ts'

/** Where the lines come from: a file, or the generator. */
export interface Feed {
  /** Channel login -> room id. */
  readonly rooms: ReadonlyMap<string, string>
  progress(): Progress
  /** Ends with the last line, or soon after {@link stop}. */
  run(): Promise<void>
  stop(): void
}

export interface FeedHooks {
  /** Everything was sent and has left this process. */
  onDone(): void
}
