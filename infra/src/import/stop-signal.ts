import process from 'node:process'
import { Problem } from '../problem.ts'

const EXIT_INTERRUPTED = 130

/** A signal that Ctrl-C and SIGTERM abort; a second one ends the process at once. */
export function stopSignal(): { readonly signal: AbortSignal } & Disposable {
  const stop = new AbortController()
  const onSignal = (): void => {
    stop.abort(
      new Problem('stopped; what was stored until now stays', { exitCode: EXIT_INTERRUPTED }),
    )
  }
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      process.removeListener('SIGINT', onSignal)
      process.removeListener('SIGTERM', onSignal)
    },
  }
}
