import type { LogRecord } from '@poglog/log-format'
import { toMessage } from '../format/message.ts'

/**
 * Why a connection was ended; the client may come back with its last id in every case.
 *
 * - `slow`: it took too little for too long. `stopping`: the server stops.
 * - `turn`: history took long, and others wait. `channels`: the user is in more channels than one listener follows.
 * - `failed`: what it asked for cannot be read.
 */
export const CUT_REASONS = ['slow', 'stopping', 'turn', 'channels', 'failed'] as const
export type CutReason = (typeof CUT_REASONS)[number]

const LF = 0x0a

/** The first lines: how long to wait before coming back, and where the listening begins. */
export function openingText(retryMs: number, id: string): string {
  return `retry: ${retryMs}\nid: ${id}\n\n`
}

/** Keeps proxies from taking the connection for dead, and brings the id up to date where little is shown. */
export function heartbeatText(id: string): string {
  return `: still here\nid: ${id}\n\n`
}

/** Whether new records come; `waiting` while the hot store does not answer. */
export function statusText(state: 'live' | 'waiting'): string {
  return `event: status\ndata: ${JSON.stringify({ state })}\n\n`
}

export function cutText(reason: CutReason, lastEventId: string): string {
  return `id: ${lastEventId}\nevent: cut\ndata: ${JSON.stringify({ reason, lastEventId })}\n\n`
}

/** An event of one record. The id comes first, so that what follows it can be shared. */
export function recordText(id: string, record: LogRecord): string {
  return `id: ${id}\n${dataText(record)}`
}

/** `JSON.stringify` leaves no line break in it. */
function dataText(record: LogRecord): string {
  return `data: ${JSON.stringify(toMessage(record))}\n\n`
}

/** The part of an event's bytes after its id. */
export function withoutId(event: Buffer): Buffer {
  return event.subarray(event.indexOf(LF) + 1)
}
