import type { ComponentChildren } from 'preact'
import { Failure } from '../ui/failure.tsx'
import { countText } from '../ui/number.ts'
import { NothingSaid } from './nothing-said.tsx'
import { SaidOverTime } from './said-over-time.tsx'
import type { Scope } from './scope.ts'
import { Week } from './week.tsx'

interface OverviewProps {
  readonly scope: Scope
  /** What was counted; `undefined` before it is there. */
  readonly messages: number | undefined
  /** Of how many people, or in how many places. */
  readonly spread: string
  readonly error: Error | null
  readonly onRetry: () => void
  readonly children: ComponentChildren
}

/** How much was said, over time and in the hours of the week; then what else there is to tell. */
export function Overview({ scope, messages, spread, error, onRetry, children }: OverviewProps) {
  if (messages === undefined && error !== null) return <Failure error={error} onRetry={onRetry} />
  if (messages === 0) return <NothingSaid place={scope.place} />
  const summary = messages === undefined ? '…' : `${countText(messages, 'message')} ${spread}`
  return (
    <>
      <section aria-labelledby="said">
        <h2 id="said">
          Over time <span class="quiet small">{summary}</span>
        </h2>
        <SaidOverTime {...scope} />
      </section>
      <Week {...scope} />
      {children}
    </>
  )
}
