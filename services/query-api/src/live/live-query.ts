import { z } from '@hono/zod-openapi'
import { parsed, recordTypes, subject, time } from '../query/parameters.ts'
import { decodeProgress } from './progress.ts'

const progress = (description: string) =>
  parsed(decodeProgress, 'is no event id of this API').optional().openapi({
    type: 'string',
    description,
  })

const common = {
  from: time(
    'History first: what was sent at or after this time, in the order of the log, and then what comes',
  ),
  type: recordTypes,
  lastEventId: progress(
    'Where to go on, for clients that cannot send the header `Last-Event-ID`, which goes first',
  ),
}

/** The query of `/channel/:channel/live`. */
export const channelLiveQuery = z.strictObject({
  ...common,
  user: subject('Only this user, by id or login').optional(),
})

/** The query of `/user/:user/live`. */
export const userLiveQuery = z.strictObject({
  ...common,
  channel: subject('Only this channel, by id or login').optional(),
})

/** What both queries have. */
export type LiveQuery = Omit<z.output<typeof channelLiveQuery>, 'user'>

/** A browser sends no header before it has an id, and some clients an empty one. */
export const liveHeaders = z.object({
  'last-event-id': z
    .literal('')
    .transform(() => undefined)
    .or(progress('Where to go on; what an event source sends when it comes back')),
})
