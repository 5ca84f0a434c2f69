import * as z from 'zod/mini'

/** A record as the API's JSON has it: what the page uses of it. */
export const messageSchema = z.object({
  text: z.string(),
  displayName: z.string(),
  timestamp: z.string(),
  id: z.string(),
  tags: z.record(z.string(), z.string()),
  username: z.string(),
  channel: z.string(),
  raw: z.string(),
  channelId: z.string(),
  userId: z.string(),
})
export type Message = z.output<typeof messageSchema>
