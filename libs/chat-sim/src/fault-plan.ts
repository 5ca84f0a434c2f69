import { Random } from './random.ts'
import type { FaultRates } from './types.ts'

/** Lines that no client may trip over. Twitch has sent some of their like; the others are what a broken proxy makes. */
const MALFORMED: readonly [string, ...string[]] = [
  '@',
  ':',
  '@badges= ',
  '@;;;= :tmi.twitch.tv PRIVMSG',
  ':nobody!nobody@nobody.tmi.twitch.tv PRIVMSG #',
  '@id=;room-id=;tmi-sent-ts=nonsense :x!x@x.tmi.twitch.tv PRIVMSG :no channel',
  '@room-id=1;tmi-sent-ts=99999999999999999999 :tmi.twitch.tv CLEARCHAT',
  '@emotes=25:9-1/:/25:x-y :tmi.twitch.tv USERNOTICE',
  'PRIVMSG',
  '\u0000\u0001\u0002',
  '@display-name=\\ :\\ \\',
  ':tmi.twitch.tv P!NG #',
  '@a=b;@c=d :e :f :g',
  `@flags=${'x'.repeat(20_000)} :tmi.twitch.tv UNKNOWN`,
]

/** Which lines get which fault: those asked for first, then by the seeded shares. */
export class FaultPlan {
  readonly #random: Random
  readonly #texts: Random
  readonly #shares: { duplicate: number; split: number; malformed: number }
  #duplicates = 0
  #splits = 0

  constructor(rates: FaultRates | undefined) {
    this.#random = new Random(rates?.seed ?? 0)
    this.#texts = new Random((rates?.seed ?? 0) + 1)
    this.#shares = {
      duplicate: rates?.duplicateShare ?? 0,
      split: rates?.splitShare ?? 0,
      malformed: rates?.malformedShare ?? 0,
    }
  }

  askDuplicates(count: number): void {
    this.#duplicates += count
  }

  askSplits(count: number): void {
    this.#splits += count
  }

  isDuplicate(): boolean {
    const isDrawn = this.#chance(this.#shares.duplicate)
    if (this.#duplicates === 0) return isDrawn
    this.#duplicates--
    return true
  }

  isSplit(): boolean {
    const isDrawn = this.#chance(this.#shares.split)
    if (this.#splits === 0) return isDrawn
    this.#splits--
    return true
  }

  isMalformed(): boolean {
    return this.#chance(this.#shares.malformed)
  }

  malformedLine(): string {
    return this.#texts.pick(MALFORMED)
  }

  /** Draws only where a share is set, so that asking for one fault does not move another's lines. */
  #chance(share: number): boolean {
    return share > 0 && this.#random.chance(share)
  }
}
