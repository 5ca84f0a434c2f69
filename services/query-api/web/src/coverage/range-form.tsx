import { useEffect, useId, useState } from 'preact/hooks'
import type { TimeRange } from '../api/range.ts'
import type { Subject } from '../place/subject.ts'
import { dayText } from '../place/time.ts'
import { PlaceLink, usePlace } from '../place/use-place.tsx'
import { PRESETS, presetOf, presetStart, rangeOfDays } from './range.ts'

interface RangeFormProps {
  readonly channel: Subject
  readonly range: TimeRange
  readonly nowMs: number
}

/** Which time is shown: up to now, or some days. */
export function RangeForm({ channel, range, nowMs }: RangeFormProps) {
  const current = presetOf(range, nowMs)
  return (
    <div class="row">
      <nav class="row" aria-label="Range">
        {PRESETS.map((preset) => (
          <PlaceLink
            key={preset}
            class="button"
            to={{ view: 'coverage', channel, from: presetStart(preset, nowMs) }}
            aria-current={preset === current ? 'page' : undefined}
          >
            {preset}
          </PlaceLink>
        ))}
      </nav>
      <DaysForm channel={channel} range={range} nowMs={nowMs} />
    </div>
  )
}

function DaysForm({ channel, range: { fromMs, toMs }, nowMs }: RangeFormProps) {
  const [, go] = usePlace()
  const problemId = useId()
  const [first, setFirst] = useState('')
  const [last, setLast] = useState('')
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    setFirst(dayText(fromMs))
    setLast(dayText((toMs ?? nowMs + 1) - 1))
    setProblem(undefined)
  }, [fromMs, toMs, nowMs])
  const show = (event: Event): void => {
    event.preventDefault()
    const range = rangeOfDays(first, last)
    if ('problem' in range) setProblem(range.problem)
    else go({ view: 'coverage', channel, from: range.fromMs, to: range.toMs })
  }
  return (
    <form class="row" onSubmit={show}>
      <input
        class="field"
        type="date"
        aria-label="First day"
        aria-invalid={problem !== undefined}
        aria-describedby={problemId}
        value={first}
        onInput={({ currentTarget }) => setFirst(currentTarget.value)}
      />
      <span class="quiet">to</span>
      <input
        class="field"
        type="date"
        aria-label="Last day"
        aria-invalid={problem !== undefined}
        aria-describedby={problemId}
        value={last}
        onInput={({ currentTarget }) => setLast(currentTarget.value)}
      />
      <button type="submit" class="button">
        Show
      </button>
      <span id={problemId} class="bad small" role="status">
        {problem}
      </span>
    </form>
  )
}
