import { z } from '@hono/zod-openapi'
import { COVERAGE_PIECES_MAX } from '../limits.ts'
import { COUNT_PROBLEMS, json } from './schemas.ts'

const START = '2026-11-21T13:00:00Z'
const seconds = (description: string) => z.number().openapi({ description, example: 86_397.2 })
const span = {
  from: z.iso.datetime().openapi({ example: START }),
  to: z.iso.datetime().openapi({ description: 'Not included' }),
}

const coverageSchema = z
  .object({
    channelId: z.string().openapi({ example: '22484632' }),
    from: span.from,
    to: z.iso.datetime().openapi({
      description:
        'Up to when this is told: earlier than asked for where that time is not over, or not stored yet (a second or so)',
    }),
    nextFrom: z
      .string()
      .nullable()
      .openapi({
        description: `Where to ask on: an answer has at most ${COVERAGE_PIECES_MAX} intervals and gaps; null when all is told`,
      }),
    isComplete: z.boolean().openapi({
      description: 'Everything Twitch sent from `from` to `to` is logged, or was restored',
    }),
    coveredSeconds: seconds('In which a replica received and stored everything'),
    gapSeconds: seconds('In which lines may be missing'),
    restoredSeconds: seconds('Of gaps whose lines were brought later from another log'),
    intervals: z
      .array(
        z.object({
          ...span,
          replicas: z.array(z.string()).openapi({ description: 'Who received the channel' }),
        }),
      )
      .openapi({ description: 'Covered time, oldest first' }),
    gaps: z
      .array(
        z.object({
          ...span,
          cause: z.string().openapi({
            description:
              'connection, refused (by Twitch or by the store), replica (it died), moved, removed, stopped, dropped (no room), spool-damaged; unrecorded where no record says',
            example: 'connection',
          }),
          lines: z
            .int()
            .optional()
            .openapi({ description: 'How many are known to be missing, where they were counted' }),
          restored: z.boolean(),
        }),
      )
      .openapi({ description: 'All other time, oldest first' }),
  })
  .openapi('Coverage')

/** Answers of `/channel/:channel/coverage`. */
export const coverageResponses = {
  200: json('Every instant from `from` to `to` is in one interval or one gap', coverageSchema),
  ...COUNT_PROBLEMS,
} as const
