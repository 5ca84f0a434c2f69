import { createRoute, z } from '@hono/zod-openapi'
import type { QueryApp } from '../app-types.ts'
import { rfc3339 } from '../format/message.ts'
import { coverageQuery, coverageRange } from '../query/coverage.ts'
import { subject } from '../query/parameters.ts'
import { readCoverage } from '../read/read-coverage.ts'
import type { CoverageAnswer, LiveReplicas } from '../read/read-coverage.ts'
import { coverageResponses } from './coverage-schema.ts'
import { resolveChannel } from './subjects.ts'
import { answerCounts, checkCounted } from './words-answer.ts'
import type { CountRouteDeps } from './words-answer.ts'

/** What the coverage route needs beside the reading of logs. */
export interface CoverageDeps extends CountRouteDeps {
  readonly hot: CountRouteDeps['hot'] & FleetReads
}

/** What the route uses of the replicas of ingest. */
export interface FleetReads {
  readonly replicas: { readonly list: () => Promise<LiveReplicas> }
}

const coverageRoute = createRoute({
  method: 'get',
  path: '/channel/{channel}/coverage',
  summary: 'Which time of a channel was received in full, and what may be missing',
  request: {
    params: z.object({ channel: subject('The channel, by id or login') }),
    query: coverageQuery,
  },
  responses: coverageResponses,
})

/** `GET /channel/:channel/coverage`. */
export function addCoverageRoute(app: QueryApp, deps: CoverageDeps): void {
  app.openapi(coverageRoute, async (c) => {
    const { channel } = c.req.valid('param')
    const channelOf = await resolveChannel(channel, deps.hot)
    return await answerCounts(c, deps, async (signal) => {
      const live = await deps.hot.replicas.list()
      const range = coverageRange(c.req.valid('query'), live.nowMs)
      const request = { channelId: channelOf.id, ...range, live, signal }
      const coverage = await readCoverage(request, deps)
      await checkCounted(coverage.hasRecords ? 1 : 0, [channelOf], { deps, signal })
      return { channelId: channelOf.id, ...coverageJson(coverage) }
    })
  })
}

function coverageJson({ fromMs, toMs, intervals, gaps, isCut }: CoverageAnswer): object {
  const gapSeconds = secondsOf(gaps.filter(({ isRestored }) => !isRestored))
  return {
    from: rfc3339(fromMs),
    to: rfc3339(toMs),
    nextFrom: isCut ? rfc3339(toMs) : null,
    isComplete: gapSeconds === 0,
    coveredSeconds: secondsOf(intervals),
    gapSeconds,
    restoredSeconds: secondsOf(gaps.filter(({ isRestored }) => isRestored)),
    intervals: intervals.map((interval) => ({
      from: rfc3339(interval.fromMs),
      to: rfc3339(interval.toMs),
      replicas: interval.replicas,
    })),
    gaps: gaps.map(({ cause, lines, isRestored, ...gap }) => ({
      from: rfc3339(gap.fromMs),
      to: rfc3339(gap.toMs),
      cause,
      ...(lines > 0 ? { lines } : {}),
      restored: isRestored,
    })),
  }
}

function secondsOf(spans: readonly { readonly fromMs: number; readonly toMs: number }[]): number {
  return spans.reduce((sumMs, { fromMs, toMs }) => sumMs + toMs - fromMs, 0) / 1000
}
