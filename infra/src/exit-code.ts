import { HotStoreError } from '@poglog/hot-store'
import { SegmentError } from '@poglog/log-format'
import { ObjectStoreError } from '@poglog/object-store'
import { SettingsError } from '@poglog/service-kit'
import { MissingProgramError } from './install.ts'
import { EXIT_CONFIG, Problem } from './problem.ts'

const EXIT_FAILED = 1
/** What the readers of the query API throw when the archive moves on faster than they can follow, or an answer is too large. */
const READ_ERRORS = new Set(['MovedError', 'TrimmedError', 'TooMuchError'])

/** The exit code of an error that the user can mend; `undefined` for one that is a mistake of ours. */
export function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof Problem) return error.exitCode
  if (error instanceof SettingsError) return EXIT_CONFIG
  const kinds = [MissingProgramError, HotStoreError, ObjectStoreError, SegmentError]
  if (kinds.some((kind) => error instanceof kind)) return EXIT_FAILED
  if (!(error instanceof Error)) return undefined
  // The file system's errors name the call that failed.
  const isOfSystem = 'syscall' in error && 'code' in error
  return isOfSystem || READ_ERRORS.has(error.name) ? EXIT_FAILED : undefined
}
