import { useQuery } from '@tanstack/preact-query'
import * as z from 'zod/mini'
import { apiName } from '../place/subject.ts'
import type { Subject } from '../place/subject.ts'
import { askJson, pathOf } from './ask.ts'
import { joinCoverage } from './join-coverage.ts'
import { freshMs, rangeQuery, timeSchema } from './range.ts'
import type { TimeRange } from './range.ts'

const coverageSchema = z.object({
  from: timeSchema,
  /** Up to when this is told. */
  to: timeSchema,
  /** From when to ask on; `null` when all is told. */
  nextFrom: z.nullable(timeSchema),
  isComplete: z.boolean(),
  coveredSeconds: z.number(),
  gapSeconds: z.number(),
  restoredSeconds: z.number(),
  intervals: z.array(z.object({ from: timeSchema, to: timeSchema, replicas: z.array(z.string()) })),
  gaps: z.array(
    z.object({
      from: timeSchema,
      to: timeSchema,
      cause: z.string(),
      lines: z.optional(z.number()),
      restored: z.boolean(),
    }),
  ),
})

/** Which time of a range was received; times are milliseconds since the Unix epoch. */
export type Coverage = z.output<typeof coverageSchema>
export type CoverageGap = Coverage['gaps'][number]

/** Which time of a channel was received in full, and what may be missing; of no channel, nothing. */
export function useCoverage(channel: Subject | undefined, range: TimeRange) {
  return useQuery({
    queryKey: ['coverage', channel, range.fromMs, range.toMs],
    queryFn: ({ signal }) =>
      joinCoverage((fromMs = range.fromMs) => {
        const query = rangeQuery({ ...range, fromMs })
        const path = pathOf(`/channel/${apiName(channel ?? '')}/coverage`, query)
        return askJson({ path, signal }, coverageSchema)
      }),
    enabled: channel !== undefined,
    staleTime: freshMs(range),
    // Time that goes on is told anew.
    refetchInterval: range.toMs === undefined ? freshMs(range) : false,
  })
}

/** What the causes of gaps mean, in words. */
const CAUSES: ReadonlyMap<string, string> = new Map([
  ['connection', 'the connection to Twitch was lost'],
  ['refused', 'Twitch refused the channel, or the store its lines'],
  ['replica', 'the replica that received it died'],
  ['moved', 'the channel moved to another replica'],
  ['removed', 'the channel was taken off the list'],
  ['stopped', 'logging was stopped'],
  ['dropped', 'there was no room left for its lines'],
  ['spool-damaged', 'lines that waited on disk were damaged'],
  ['unrecorded', 'no record says what was received'],
])

/** Why lines may be missing: a cause of the API that this page does not know is said as it is. */
export const causeText = (cause: string): string => CAUSES.get(cause) ?? cause
