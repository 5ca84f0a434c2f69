import type { NoteSpan } from '@poglog/service-kit'

/** The steps of jobs, as ARCHITECTURE.md has them. */
type StepName =
  | 'window'
  | 'freeze'
  | 'check'
  | 'read'
  | 'look up'
  | 'encode'
  | 'put'
  | 'read back'
  | 'commit'
  | 'trim'
  | 'reserve'
  | 'merge'
  | 'swap'
  | 'list'
  | 'delete'

/** Does a step of a job, so that a trace of the job shows it. What the work notes is of the step. */
export type Step = <T>(name: StepName, work: (note: NoteSpan) => Promise<T>) => Promise<T>

/** Does it and tells nobody. */
export const untold: Step = (_name, work) => work(ignore)

function ignore(): void {
  // Nobody traces.
}
