import type { Contestant, Fields } from './contestants.ts'

/** How many times every contestant goes over all lines before it counts, and then for the median. */
const WARM_UP_ROUNDS = 6
const ROUNDS = 21

/** Where results go, so that no compiler may leave the work out. */
let blackhole = 0

export type Runner = (line: string) => void

/**
 * Times several functions over the same lines: in turns, so that a busy machine hurts all alike, and
 * with the first of a round changing.
 *
 * @returns the median time of each, in nanoseconds a line.
 */
export function race(runners: readonly Runner[], lines: readonly string[]): number[] {
  const times: number[][] = runners.map(() => [])
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (let turn = 0; turn < runners.length; turn += 1) {
      const index = (turn + round) % runners.length
      const ns = time(runners[index], lines)
      if (round >= WARM_UP_ROUNDS) times[index]?.push(ns)
    }
  }
  return times.map(medianOf)
}

/** A runner that reads every routing field. */
export function routingRunner({ routing }: Contestant): Runner {
  return (line) => {
    blackhole += weightOf(routing(line))
  }
}

/** A runner that takes the line apart with every tag. */
export function everythingRunner(everything: (line: string) => number | undefined): Runner {
  return (line) => {
    blackhole += everything(line) ?? 0
  }
}

/** What the runners have collected; print it, so that it is used. */
export function collected(): number {
  return blackhole
}

function time(runner: Runner | undefined, lines: readonly string[]): number {
  const start = process.hrtime.bigint()
  for (const line of lines) runner?.(line)
  return Number(process.hrtime.bigint() - start) / lines.length
}

function weightOf(fields: Fields | undefined): number {
  if (fields === undefined) return 0
  const { command, channel, channelId, userId, login, id, sentAtMs, text } = fields
  const lengths = command.length + channel.length + channelId.length + userId.length
  return lengths + login.length + id.length + (text?.length ?? 0) + ((sentAtMs ?? 0) % 1000)
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b).at(Math.floor(values.length / 2)) ?? Number.NaN
}
