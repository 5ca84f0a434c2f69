import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Period } from '../api/activity.ts'
import type { TimeRange } from '../api/range.ts'
import type { Place } from '../place/place.ts'
import { dayText } from '../place/time.ts'
import { PlaceLink, usePlace } from '../place/use-place.tsx'
import { draftOf, readDraft } from './form-draft.ts'
import type { Draft } from './form-draft.ts'
import { HOURLY_DAYS_MAX, PRESETS, daysOf } from './ranges.ts'

interface WordsFormProps {
  readonly place: Place
  readonly range: TimeRange
  readonly by: Period
  readonly nowMs: number
}

/** What is counted: words, whose, and when. All of it is in the address. */
export function WordsForm({ place, range, by, nowMs }: WordsFormProps) {
  const go = usePlace()[1]
  const { fromMs, toMs } = range
  const shown = useMemo(() => draftOf(place, { fromMs, toMs }), [place, fromMs, toMs])
  const [draft, setDraft] = useState(shown)
  const [wrong, setWrong] = useState('')
  useEffect(() => {
    setDraft(shown)
    setWrong('')
  }, [shown])
  const set = (fields: Partial<Draft>): void => setDraft({ ...draft, ...fields })
  const count = (event: Event): void => {
    event.preventDefault()
    const read = readDraft(draft, shown, place)
    if ('wrong' in read) setWrong(read.wrong)
    else go(read.place)
  }
  return (
    <form class="words-form" aria-label="What is counted" onSubmit={count}>
      <div class="row">
        <WordFields place={place} draft={draft} onSet={set} />
      </div>
      <div class="row">
        <Presets place={place} nowMs={nowMs} />
        <DayFields draft={draft} nowMs={nowMs} onSet={set} />
        {place.channel !== undefined || place.words.length === 0 ? (
          <Periods place={place} by={by} days={daysOf(range, nowMs)} />
        ) : null}
      </div>
      <p class="wrong small" role="status">
        {wrong}
      </p>
    </form>
  )
}

interface FieldsProps {
  readonly draft: Draft
  readonly onSet: (fields: Partial<Draft>) => void
}

function WordFields({ place, draft, onSet }: FieldsProps & { readonly place: Place }) {
  const text = {
    class: 'field',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: false,
  } as const
  return (
    <>
      <label class="labelled words">
        <span>Words</span>
        <input
          {...text}
          name="words"
          placeholder="Pog KEKW"
          value={draft.words}
          onInput={({ currentTarget }) => onSet({ words: currentTarget.value })}
        />
      </label>
      {place.channel === undefined ? null : (
        <label class="labelled">
          <span>Said by</span>
          <input
            {...text}
            name="user"
            placeholder="anybody"
            value={draft.user}
            onInput={({ currentTarget }) => onSet({ user: currentTarget.value })}
          />
        </label>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={draft.isAnyCase}
          onChange={({ currentTarget }) => onSet({ isAnyCase: currentTarget.checked })}
        />
        Any case
      </label>
      <button type="submit" class="button primary">
        Count
      </button>
    </>
  )
}

function DayFields({ draft, nowMs, onSet }: FieldsProps & { readonly nowMs: number }) {
  return (
    <span class="days">
      {(['from', 'to'] as const).map((end) => (
        <label key={end} class="labelled">
          <span>{end === 'from' ? 'First day' : 'Last day'}</span>
          <input
            class="field"
            type="date"
            name={end}
            max={dayText(nowMs)}
            value={draft[end]}
            onInput={({ currentTarget }) => onSet({ [end]: currentTarget.value })}
          />
        </label>
      ))}
    </span>
  )
}

function Presets({ place, nowMs }: { readonly place: Place; readonly nowMs: number }) {
  return (
    <nav class="choices" aria-label="Range">
      {PRESETS.map(({ name, from }) => {
        const fromMs = from(nowMs)
        const isShown = place.from === fromMs && place.to === undefined
        return (
          <PlaceLink
            key={name}
            to={{ ...place, from: fromMs, to: undefined }}
            class="button"
            aria-current={isShown ? 'true' : undefined}
          >
            {name}
          </PlaceLink>
        )
      })}
    </nav>
  )
}

interface PeriodsProps {
  readonly place: Place
  readonly by: Period
  readonly days: number
}

function Periods({ place, by, days }: PeriodsProps) {
  if (days > HOURLY_DAYS_MAX) return null
  return (
    <nav class="choices" aria-label="Counted by">
      {(['hour', 'day'] as const).map((period) => (
        <PlaceLink
          key={period}
          to={{ ...place, by: period }}
          class="button"
          aria-current={period === by ? 'true' : undefined}
        >
          {period === 'hour' ? 'By hour' : 'By day'}
        </PlaceLink>
      ))}
    </nav>
  )
}
