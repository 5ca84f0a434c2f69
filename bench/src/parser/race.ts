import type { Contestant, Fields } from './contestants.ts'

/** How many rounds are run before one counts, and then for the medians. */
const WARM_UP_ROUNDS = 4
const ROUNDS = 15
/** What a turn should last, so that a fast contestant is interrupted as often as a slow one. */
const TURN_MS = 50
const NS_PER_MS = 1e6

/** Where results go, so that no compiler may leave the work out. */
let blackhole = 0

export type Runner = (line: string) => void

/** The times of one contestant, in nanoseconds a line, one a round. */
export type Times = readonly number[]

/**
 * Times several functions over the same lines: in turns of the same length, so that a busy machine
 * hurts all alike, and with the first of a round changing.
 */
export function race(
  runners: readonly Runner[],
  lines: readonly string[],
  turnMs = TURN_MS,
): Times[] {
  const times: number[][] = runners.map(() => [])
  const passes = runners.map(() => 1)
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (let turn = 0; turn < runners.length; turn += 1) {
      const index = (turn + round) % runners.length
      const ns = time(runners[index], lines, passes[index] ?? 1)
      passes[index] = Math.max(1, Math.round((turnMs * NS_PER_MS) / (ns * lines.length)))
      if (round >= WARM_UP_ROUNDS) times[index]?.push(ns)
    }
  }
  return times
}

export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b).at(Math.floor(values.length / 2)) ?? Number.NaN
}

/** How many times one is faster than the other: the median over the rounds, each compared in itself. */
export function timesFaster(ours: Times, theirs: Times): number {
  return medianOf(ours.map((ns, round) => (theirs[round] ?? Number.NaN) / ns))
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

function time(runner: Runner | undefined, lines: readonly string[], passes: number): number {
  const start = process.hrtime.bigint()
  for (let pass = 0; pass < passes; pass += 1) for (const line of lines) runner?.(line)
  return Number(process.hrtime.bigint() - start) / (lines.length * passes)
}

function weightOf(fields: Fields | undefined): number {
  if (fields === undefined) return 0
  const { command, channel, channelId, userId, login, id, sentAtMs, text } = fields
  const lengths = command.length + channel.length + channelId.length + userId.length
  return lengths + login.length + id.length + (text?.length ?? 0) + ((sentAtMs ?? 0) % 1000)
}
