/** Small and fast, the same numbers for the same seed (xorshift32). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 1
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return (state >>> 0) % limit
  }

  pick<T>(items: readonly T[], fallback: T): T {
    return items[this.below(items.length)] ?? fallback
  }
}

/** What hurts parsers. */
const PIECES = [
  '@',
  ':',
  ';',
  ' ',
  '=',
  '#',
  '!',
  '\\',
  '/',
  ',',
  '-',
  '\r\n',
  '\n',
  '\r',
  '\0',
  '\u0001',

  '\ud83d',
  '\ude00',
  '\ufeff',
  '  ',
  ' :',
  '\\s',
  ';id=',
  ';id;',
  ';room-id=',
  ';user-id=9',
  'é',
  ';tmi-sent-ts=',
  '999999999999999999999',
  '-1',
  'ACTION ',
  '__proto__=1;',
  ';emotes=1:0-1,',
]

/** The line with one to six things done to it: flips, splices, truncation, doubling, pieces put in. */
export function mutate(line: string, other: string, dice: Dice): string {
  let mutant = line
  for (let left = 1 + dice.below(6); left > 0; left -= 1) mutant = mutateOnce(mutant, other, dice)
  return mutant
}

function mutateOnce(line: string, other: string, dice: Dice): string {
  const at = dice.below(line.length + 1)
  const length = dice.below(20)
  switch (dice.below(7)) {
    case 0: // One bit of one unit.
      return `${line.slice(0, at)}${flipped(line, at, dice)}${line.slice(at + 1)}`
    case 1:
      return line.slice(0, at)
    case 2:
      return line.slice(at)
    case 3: // Goes on as another line.
      return line.slice(0, at) + other.slice(dice.below(other.length + 1))
    case 4: // The same again.
      return line.slice(0, at + length) + line.slice(at)
    case 5:
      return line.slice(0, at) + line.slice(at + length)
    default:
      return line.slice(0, at) + dice.pick(PIECES, '') + line.slice(at)
  }
}

function flipped(line: string, at: number, dice: Dice): string {
  const bits = dice.below(20) === 0 ? 16 : 7
  return String.fromCharCode((line.charCodeAt(at) || 0) ^ (1 << dice.below(bits)))
}
