import { clockText, dayText } from '../place/time.ts'
import { durationText } from '../ui/duration.ts'
import { numberText } from '../ui/number.ts'
import type { Stretch } from './stretches.ts'
import { shareOf, percentText, sumOf } from './sum.ts'
import type { CoverageSum } from './sum.ts'

/** How a time stands: all is here, something may be missing, nobody logged it. */
export type Standing = 'complete' | 'gaps' | 'unlogged'

/** What is to be said of a time. */
export interface Verdict {
  readonly standing: Standing
  readonly sentence: string
  /** What else belongs to it. */
  readonly more: readonly string[]
}

/** Says of all time of an answer whether everything is here. */
export function verdictOf(stretches: readonly Stretch[]): Verdict {
  const sum = sumOf(stretches)
  const share = shareOf(sum)
  if (share === undefined) {
    return { standing: 'unlogged', sentence: 'Nothing of this time was logged.', more: [] }
  }
  if (sum.gaps > 0) {
    const sentence = `${percentText(share)} of this time was received; ${gapsText(sum.gaps)}, ${durationText(sum.gapMs)} in all.`
    return { standing: 'gaps', sentence, more: [...unloggedText(sum), ...restoredText(sum)] }
  }
  return { standing: 'complete', ...completeText(stretches, sum) }
}

/** `2026-11-21 18:40:05` */
export const momentText = (timeMs: number): string => `${dayText(timeMs)} ${clockText(timeMs)}`

/** What is said of a part of the time, such as a day, in a few words. */
export function shortText(sum: CoverageSum): string {
  const share = shareOf(sum)
  if (share === undefined) return 'not logged'
  const unlogged = sum.unloggedMs === 0 ? '' : `, ${durationText(sum.unloggedMs)} not logged`
  if (sum.gaps > 0) {
    return `${percentText(share)} received, ${gapsText(sum.gaps)}, ${durationText(sum.gapMs)}${unlogged}`
  }
  const restored = sum.restoredGaps === 0 ? '' : `, ${gapsText(sum.restoredGaps)} restored`
  return `complete${restored}${unlogged}`
}

/** `1 gap`, `12 gaps` */
export const gapsText = (gaps: number): string =>
  gaps === 1 ? '1 gap' : `${numberText(gaps)} gaps`

function completeText(
  stretches: readonly Stretch[],
  sum: CoverageSum,
): Pick<Verdict, 'sentence' | 'more'> {
  const [first, ...others] = stretches
  const last = stretches.at(-1)
  if (first === undefined || last === undefined) return { sentence: '', more: [] }
  const more = restoredText(sum)
  const isLate = first.kind === 'unlogged' && others.every(({ kind }) => kind !== 'unlogged')
  if (sum.unloggedMs > 0 && !isLate) {
    const sentence = 'Complete where it was logged: everything Twitch sent in that time is here.'
    return { sentence, more: [...unloggedText(sum), ...more] }
  }
  const from = momentText(isLate ? first.to : first.from)
  return {
    sentence: `Complete: everything Twitch sent from ${from} to ${momentText(last.to)} is here.`,
    more: isLate ? ['The time before was not logged.', ...more] : more,
  }
}

const unloggedText = ({ unloggedMs }: CoverageSum): readonly string[] =>
  unloggedMs === 0 ? [] : [`Not counted: ${durationText(unloggedMs)} that was not logged.`]

const restoredText = ({ restoredGaps, restoredMs }: CoverageSum): readonly string[] =>
  restoredGaps === 0
    ? []
    : [
        `${gapsText(restoredGaps)} of ${durationText(restoredMs)} ${restoredGaps === 1 ? 'was' : 'were'} filled later from another log.`,
      ]
