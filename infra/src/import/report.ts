import type { UnitsProgress } from './import-units.ts'
import { bar, counted } from '../progress-line.ts'
import { rejectedIn } from './tally.ts'

/** What an import came to, beside its counts. */
export interface Outcome {
  readonly seconds: number
  /** Units that could not be read to their end. */
  readonly failed: number
  /** Where the rejected lines are; `undefined` when there is none. */
  readonly rejectFile: string | undefined
  /** Rejected lines that are not in it. */
  readonly leftOut: number
}

export function describeProgress(progress: UnitsProgress, seconds: number): string {
  const { unitsTotal, units, readBytes, totalBytes, tally, storing } = progress
  const rate = counted(tally.lines / Math.max(seconds, 0.001))
  if (storing !== undefined) {
    const { done, total } = storing
    return `storing ${bar(done, total)} ${counted(done)} of ${counted(total)} records`
  }
  const share = totalBytes > 0 ? bar(readBytes, totalBytes) : bar(units, unitsTotal)
  return `reading ${share} ${units} of ${unitsTotal}, ${counted(tally.lines)} lines, ${rate}/s`
}

/** The closing report, one line a fact. */
export function report(progress: UnitsProgress, outcome: Outcome): string {
  const { unitsTotal, unitsKnown, tally, stored } = progress
  const { seconds, failed, rejectFile, leftOut } = outcome
  const rejected = rejectedIn(tally)
  const reasons = [...tally.rejected].map(([reason, count]) => `${reason} ${counted(count)}`)
  const rows: (readonly [string, number, string])[] = [
    ['read', tally.lines, `lines of ${describeUnits(unitsTotal - unitsKnown)}`],
    ['stored', stored.stored, `records in ${counted(stored.days)} shard days`],
    ['known', stored.known, 'were in the log'],
    ['equal', stored.equal, 'came more than once'],
    ['rejected', rejected, rejected === 0 ? '' : reasons.join(', ')],
    ['skipped', tally.skipped, 'are no chat (JOIN, PING, ...) or not asked for'],
    ['appended', stored.appended, 'of the last two hours, to hot'],
  ]
  if (stored.erased > 0) rows.push(['erased', stored.erased, 'of users who asked to be forgotten'])
  if (stored.optedOut > 0) rows.push(['opted out', stored.optedOut, 'of who is not to be logged'])
  if (tally.untimed > 0) rows.push(['untimed', tally.untimed, 'took the time of the line before'])
  const width = Math.max(...rows.map(([, count]) => counted(count).length))
  const lines = rows.map(([name, count, what]) =>
    `${name.padEnd(9)} ${counted(count).padStart(width)}  ${what}`.trimEnd(),
  )
  lines.push(
    `took      ${seconds.toFixed(1)} s, ${counted(tally.lines / Math.max(seconds, 0.001))} lines/s`,
  )
  if (unitsKnown > 0) {
    lines.push(
      `${describeUnits(unitsKnown)} not read: imported before and unchanged (--again reads them)`,
    )
  }
  if (rejectFile !== undefined) {
    const rest = leftOut === 0 ? '' : `, without ${counted(leftOut)} that did not fit`
    lines.push(`rejected lines, and why: ${rejectFile}${rest}`)
  }
  if (failed > 0) lines.push(`${describeUnits(failed)} could not be read to the end: see above`)
  return lines.join('\n')
}

function describeUnits(count: number): string {
  return count === 1 ? '1 source' : `${counted(count)} sources`
}
