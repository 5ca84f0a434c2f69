import type { Facts } from '../archive/schemas.ts'

/** What is asked, with what every answer must say. */
export interface Questions {
  readonly facts: Facts
  /** Starts of the days of the month, UTC. */
  readonly days: readonly number[]
  /** The month, `[fromMs, toMs)`. */
  readonly fromMs: number
  readonly toMs: number
}

/** Someone else who answers the same questions over the same chat; each answer is a number of records or words. */
export interface Peer {
  readonly name: string
  userInChannel(userId: string): Promise<number>
  userOverall(userId: string): Promise<number>
  channelDay(): Promise<number>
  word(word: string): Promise<number>
}
