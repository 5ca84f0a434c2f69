import { setTimeout as sleep } from 'node:timers/promises'
import type { History } from '../history.ts'
import { SeededRandom } from '../random.ts'
import { askCounts } from './ask-counts.ts'
import { askLogs } from './ask-logs.ts'
import type { Asked } from './asked.ts'
import { drawQuestion } from './questions.ts'
import type { Asking, Question } from './questions.ts'

const PAUSE_MS_MIN = 20
const PAUSE_MS_MAX = 150
/** Of a process that is away. */
const AWAY_PAUSE_MS = 300

/** How many answers of a route were checked, and how many questions got none. */
export interface RouteTally {
  checked: number
  violations: number
  readonly unavailable: Map<string, number>
}

export interface AskerOptions extends Omit<Asking, 'random'> {
  readonly seed: number
  /** Questions at once of each API, so that one that is frozen does not hold up the others' answers. */
  readonly loopsPerApi: number
  readonly apis: readonly string[]
  readonly history: History
}

/** Asks and checks all the time, from several loops. */
export class Asker {
  readonly tallies = new Map<string, RouteTally>()
  readonly #options: AskerOptions
  readonly #stopping = new AbortController()
  readonly #loops: readonly Promise<void>[]

  constructor(options: AskerOptions) {
    this.#options = options
    this.#loops = options.apis.flatMap((api, index) =>
      Array.from({ length: options.loopsPerApi }, (_, loop) => this.#loop(api, `${index} ${loop}`)),
    )
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#loops)
  }

  async #loop(api: string, name: string): Promise<void> {
    const random = new SeededRandom(this.#options.seed, `asker ${name}`)
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const question = drawQuestion({ ...this.#options, random })
      const asked = question === undefined ? undefined : await this.put(api, question)
      const isAway = asked?.kind === 'unavailable'
      const pauseMs = isAway ? AWAY_PAUSE_MS : random.between(PAUSE_MS_MIN, PAUSE_MS_MAX)
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Puts one question and notes what came of it. */
  async put(api: string, question: Question): Promise<Asked> {
    const { book, history } = this.#options
    const asked = await ('logs' in question
      ? askLogs(api, question.logs, { book })
      : askCounts(api, question.counts, { book }))
    const tally = this.#tallyOf(question.route)
    if (asked.kind === 'unavailable') {
      tally.unavailable.set(asked.why, (tally.unavailable.get(asked.why) ?? 0) + 1)
      return asked
    }
    tally.checked += asked.answers
    tally.violations += asked.violations.length
    history.violated(asked.violations, { route: question.route, url: asked.url })
    return asked
  }

  #tallyOf(route: string): RouteTally {
    const known = this.tallies.get(route)
    if (known !== undefined) return known
    const tally = { checked: 0, violations: 0, unavailable: new Map<string, number>() }
    this.tallies.set(route, tally)
    return tally
  }
}
