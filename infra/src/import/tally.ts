/** Why a line is in the reject file. */
export type Rejection =
  | 'not-utf8'
  | 'too-long'
  | 'cut-off'
  | 'malformed'
  | 'no-channel-id'
  | 'no-time'
  | 'impossible-time'

/** What became of the lines that were read; the rest were handed on as records. */
export interface Tally {
  lines: number
  bytes: number
  /** No chat: JOIN, PING, numerics and so on; or of another day than the unit is read for. */
  skipped: number
  rejected: Map<Rejection, number>
  /** Lines without a sent time, which took that of the line before. */
  untimed: number
}

export function newTally(): Tally {
  return { lines: 0, bytes: 0, skipped: 0, rejected: new Map(), untimed: 0 }
}

export function rejectedIn({ rejected }: Tally): number {
  return rejected.values().reduce((sum, count) => sum + count, 0)
}
