import { z } from '@hono/zod-openapi'
import { COVERAGE_DAYS_MAX, COVERAGE_HOURS_DEFAULT } from '../limits.ts'
import { badParameters } from '../problem.ts'
import { DAY_MS, HOUR_MS } from '../read/periods.ts'
import { time } from './parameters.ts'

/** The query of `/channel/:channel/coverage`. */
export const coverageQuery = z.strictObject({
  from: time(
    `From when on; ${COVERAGE_HOURS_DEFAULT} hours before \`to\` when absent. The range may have ${COVERAGE_DAYS_MAX} days`,
  ),
  to: time('Until when; now when absent'),
})

/**
 * The range that is asked for at an instant.
 *
 * @throws {ProblemError} 400 when it is empty or too long.
 */
export function coverageRange(
  { from, to: toMs }: z.output<typeof coverageQuery>,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const endMs = toMs ?? nowMs
  const fromMs = from ?? endMs - COVERAGE_HOURS_DEFAULT * HOUR_MS
  if (fromMs >= endMs) {
    throw badParameters([{ parameter: 'from', message: 'must be before to' }])
  }
  if (endMs - fromMs > COVERAGE_DAYS_MAX * DAY_MS) {
    const message = `must be at most ${COVERAGE_DAYS_MAX} days before to`
    throw badParameters([{ parameter: 'from', message }])
  }
  return { fromMs, toMs: endMs }
}
