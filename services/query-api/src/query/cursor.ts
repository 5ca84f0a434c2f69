import type { Order, Position } from '@poglog/log-format'

const CURSOR_CHARACTERS_MAX = 128
const CONTENT = /^(a|d)(\d{1,16})-([0-9a-f]{32})$/

/**
 * Writes a place in the order of records as an opaque text.
 *
 * It names a record, not a row of a store, so it holds while records move from hot to cold (Q3).
 */
export function encodeCursor({ sentAtMs, key }: Position, order: Order): string {
  const direction = order === 'asc' ? 'a' : 'd'
  return Buffer.from(`${direction}${sentAtMs}-${key}`, 'latin1').toString('base64url')
}

/**
 * Reads what {@link encodeCursor} wrote.
 *
 * @returns `undefined` for any other text.
 */
export function decodeCursor(text: string): { position: Position; order: Order } | undefined {
  if (text.length > CURSOR_CHARACTERS_MAX || !/^[\w-]+$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  const match = CONTENT.exec(bytes.toString('latin1'))
  const sentAtMs = Number(match?.[2])
  const key = match?.[3]
  if (key === undefined || !Number.isSafeInteger(sentAtMs)) return undefined
  const position = { sentAtMs, key }
  const order = match?.[1] === 'a' ? 'asc' : 'desc'
  // One spelling a cursor: no stray bits at the end, no leading zeros.
  return encodeCursor(position, order) === text ? { position, order } : undefined
}
