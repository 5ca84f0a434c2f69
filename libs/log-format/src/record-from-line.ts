import { parseRouting } from '@poglog/irc-parser'
import type { Routing } from '@poglog/irc-parser'
import { recordKey } from './record-key.ts'
import { recordTypeOf } from './record-types.ts'
import type { LineContext, LogRecord, RecordType } from './types.ts'

const SENT_MS_MAX = 8.64e15 // The last instant a Date can hold.
const NUMERIC_ID = /^(?:0|[1-9]\d{0,19})$/

/**
 * Why a line is no record.
 *
 * - `malformed`: no IRC message, or one that cannot be stored (LF or NUL inside, half a surrogate
 *   pair, which no WebSocket text can carry).
 * - `not-logged`: a command poglog does not log.
 * - `no-channel`: neither the line nor the context says which channel.
 */
export type LineRejection = 'malformed' | 'not-logged' | 'no-channel'

/**
 * Makes a record of one IRC line, or says nothing about why it cannot ({@link logRejection} does).
 * Never throws.
 *
 * The channel is the `room-id` tag, else the context's; the user `user-id`, else `target-user-id`,
 * else the context's (a CLEARMSG only has a login), else `''`; the sent time `tmi-sent-ts`, else the
 * context's, else the receive time. `raw` is kept as it came, without CR LF at its end.
 */
export function recordFromLine(raw: string, context: LineContext): LogRecord | undefined {
  const routing = storableRouting(raw)
  if (routing === undefined) return undefined
  const type = recordTypeOf(routing.command)
  const channelId = channelIdOf(routing, context)
  if (type === undefined || channelId === undefined) return undefined
  return recordOf({ routing, type, channelId }, context)
}

/** Says why {@link recordFromLine} gives no record for a line; `undefined` when it gives one. */
export function logRejection(raw: string, context?: LineContext): LineRejection | undefined {
  const routing = storableRouting(raw)
  if (routing === undefined) return 'malformed'
  if (recordTypeOf(routing.command) === undefined) return 'not-logged'
  return channelIdOf(routing, context) === undefined ? 'no-channel' : undefined
}

/** Whether a string is a channel or user id as Twitch writes them: 1 to 20 digits, no leading zero. */
function isNumericId(id: string): boolean {
  return NUMERIC_ID.test(id)
}

function recordOf(
  line: { routing: Routing; type: RecordType; channelId: string },
  context: LineContext,
): LogRecord {
  const { routing, type, channelId } = line
  return {
    channelId,
    channelLogin: routing.channel === '' ? (context.channelLogin ?? '') : routing.channel,
    userId: userIdOf(routing, context),
    sentAtMs: sentAtMsOf(routing, context),
    receivedAtMs: context.receivedAtMs,
    type,
    key: recordKey(routing, channelId),
    raw: routing.raw,
  }
}

function storableRouting(raw: string): Routing | undefined {
  const routing = parseRouting(raw)
  if (routing === undefined) return undefined
  const { raw: line } = routing
  const isStorable = line.isWellFormed() && !line.includes('\0') && !line.includes('\n')
  return isStorable ? routing : undefined
}

function channelIdOf(routing: Routing, context: LineContext | undefined): string | undefined {
  if (isNumericId(routing.channelId)) return routing.channelId
  const known = context?.channelId
  return known !== undefined && isNumericId(known) ? known : undefined
}

function userIdOf(routing: Routing, context: LineContext): string {
  if (isNumericId(routing.userId)) return routing.userId
  const known = context.userId
  return known !== undefined && isNumericId(known) ? known : ''
}

function sentAtMsOf(routing: Routing, context: LineContext): number {
  const sentAtMs = routing.sentAtMs
  if (sentAtMs !== undefined && sentAtMs <= SENT_MS_MAX) return sentAtMs
  return context.sentAtMs ?? context.receivedAtMs
}
