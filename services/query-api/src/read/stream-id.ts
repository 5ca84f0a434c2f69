/** The largest sequence number of a stream id. */
const SEQUENCE_MAX = '18446744073709551615'

/** Compares Redis stream ids (`<ms>-<sequence>`): negative when `left` comes first. */
export function compareIds(left: string, right: string): number {
  const [leftMs, leftSequence] = partsOf(left)
  const [rightMs, rightSequence] = partsOf(right)
  if (leftMs !== rightMs) return leftMs - rightMs
  if (leftSequence === rightSequence) return 0
  return BigInt(leftSequence) < BigInt(rightSequence) ? -1 : 1
}

/** The arrival that an id tells, milliseconds since the Unix epoch. */
export function arrivalOf(id: string): number {
  return partsOf(id)[0]
}

/** The last id that an entry which arrived before a time can have. */
export function lastIdBefore(timeMs: number): string {
  return timeMs <= 0 ? '0-0' : `${timeMs - 1}-${SEQUENCE_MAX}`
}

function partsOf(id: string): [number, string] {
  const dash = id.indexOf('-')
  return [Number(id.slice(0, dash)), id.slice(dash + 1)]
}
