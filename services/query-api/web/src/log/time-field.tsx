import { useEffect, useState } from 'preact/hooks'
import { clockText, dayText, readTime } from '../place/time.ts'

interface TimeFieldProps {
  readonly atMs: number
  readonly onPick: (timeMs: number) => void
}

/** The time of the line at the top; another one leads there. Not of the type `time`: that follows the clock of a country. */
export function TimeField({ atMs, onPick }: TimeFieldProps) {
  const shown = clockText(atMs).slice(0, 'HH:MM'.length)
  const [text, setText] = useState(shown)
  useEffect(() => setText(shown), [shown])
  const timeMs = readTime(`${dayText(atMs)}T${text.padStart('HH:MM'.length, '0')}Z`)
  return (
    <form
      class="time-of-day"
      onSubmit={(event) => {
        event.preventDefault()
        if (timeMs !== undefined) onPick(timeMs)
      }}
    >
      <input
        class="field"
        aria-label="Time of day, UTC"
        title="Time of day, UTC"
        inputMode="numeric"
        maxLength={5}
        value={text}
        aria-invalid={timeMs === undefined}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onBlur={() => setText(shown)}
      />
    </form>
  )
}
