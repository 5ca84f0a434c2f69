import { readFile } from 'node:fs/promises'
import { generateLines } from '@poglog/chat-sim'
import { atLeast } from './bench.ts'
import type { Bench, BenchOptions, Row } from './bench.ts'
import { CONTESTANTS, typedMessage } from './parser/contestants.ts'
import type { Contestant } from './parser/contestants.ts'
import {
  collected,
  everythingRunner,
  medianOf,
  race,
  routingRunner,
  timesFaster,
} from './parser/race.ts'
import type { Times } from './parser/race.ts'

const LINES_MAX = 5000
const SEED = 20_261_121
const START_MS = Date.UTC(2026, 10, 21)
const CHANNELS = 200

/** Times the fastest peer. */
const ROUTING_TIMES = 10
const EVERYTHING_TIMES = 3

export const bench: Bench = {
  description: 'IRC lines parsed, against every parser of npm (interleaved rounds, medians)',
  run: async (options) => {
    const lines = agreedLines(await linesOf(options))
    const cut = lines.join('\n').split('\n')
    const routing = CONTESTANTS.map(routingRunner)
    const everything = CONTESTANTS.map((contestant) => everythingRunner(contestant.everything))
    const [typed = []] = race([everythingRunner(typedMessage)], lines)
    const rows = [
      ...raceRows('routing fields', ROUTING_TIMES, race(routing, lines)),
      ...raceRows('routing fields, lines cut from a frame', undefined, race(routing, cut)),
      ...raceRows('all tags', EVERYTHING_TIMES, race(everything, lines)),
      { name: 'poglog, typed message', value: medianOf(typed) / 1000, unit: 'us/line' },
    ]
    console.log(`(${lines.length} lines; checksum ${collected().toFixed(0)})`)
    return rows
  },
}

/** One row a contestant, fastest first, and ours against the fastest peer. */
function raceRows(name: string, target: number | undefined, times: readonly Times[]): Row[] {
  const results = CONTESTANTS.map((contestant, index) => {
    const rounds = times[index] ?? []
    return { contestant, rounds, ns: medianOf(rounds) }
  }).toSorted((a, b) => a.ns - b.ns)
  const ours = results.find(({ contestant }) => contestant.isOurs)?.rounds ?? []
  const best = results.find(({ contestant }) => !contestant.isOurs)?.rounds ?? []
  const ratio = {
    name: `${name}: times the fastest peer`,
    value: timesFaster(ours, best),
    unit: 'x',
  }
  return [
    ...results.map(({ contestant, ns }) => ({
      name: `${name}: ${contestant.name}`,
      value: ns / 1000,
      unit: 'us/line',
    })),
    target === undefined ? ratio : atLeast(target, ratio),
  ]
}

async function linesOf({ corpus }: BenchOptions): Promise<string[]> {
  if (corpus !== undefined) {
    const lines = (await readFile(corpus, 'utf8')).split(/\r?\n/)
    return lines.filter((line) => line !== '').slice(0, LINES_MAX)
  }
  const settings = { seed: SEED, channels: CHANNELS, startMs: START_MS, messagesPerSecond: 500 }
  return [...generateLines({ ...settings, lines: LINES_MAX })]
}

/**
 * The lines that every parser understands, each a string of its own as a socket would deliver it
 * (a string cut out of a longer one costs every parser more, which is a race of its own).
 */
function agreedLines(lines: readonly string[]): string[] {
  const agreed = lines.filter((line) =>
    CONTESTANTS.every((contestant) => accepts(contestant, line)),
  )
  for (const contestant of CONTESTANTS) {
    const refused = lines.filter((line) => !accepts(contestant, line)).length
    const different = agreed.filter((line) => !isSame(contestant, line)).length
    if (refused + different === 0) continue
    console.log(`(${contestant.name} refuses ${refused} lines, reads ${different} differently)`)
  }
  return agreed.map((line) => Buffer.from(line).toString())
}

function accepts({ routing }: Contestant, line: string): boolean {
  try {
    return routing(line) !== undefined
  } catch {
    return false
  }
}

function isSame({ routing }: Contestant, line: string): boolean {
  const [ours] = CONTESTANTS
  const expected = ours?.routing(line)
  const found = routing(line)
  const names = ['command', 'channel', 'channelId', 'userId', 'login', 'id', 'sentAtMs'] as const
  return names.every((name) => found?.[name] === expected?.[name])
}
