import type { LogRecord } from '@poglog/log-format'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { READ_LIMITS } from '../src/limits.ts'
import type { LineParts } from '../src/testing/lines.ts'
import { expected, pagedLines, pathOf, rawLines } from './model.ts'
import type { ModelQuery } from './model.ts'
import { SMALL_LIMITS, World } from './world.ts'

const RUNS = { numRuns: 30 }
const SPAN_MS = 60

let world: World
let run = 0
let number = 0
/** How often the histories took what they rarely take. */
const taken = { compact: 0, fold: 0 }

beforeAll(async () => {
  world = await World.open()
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

interface Written {
  readonly channel: number
  readonly user: number
  readonly atMs: number
  readonly type: 'PRIVMSG' | 'USERNOTICE' | 'CLEARCHAT'
  readonly word: string
}

type Step =
  | { readonly kind: 'append'; readonly lines: readonly Written[] }
  | {
      readonly kind: 'seal' | 'trim' | 'compact' | 'fold'
      readonly shard: number
      readonly lines?: undefined
    }

const written = fc.record<Written>({
  channel: fc.nat(2),
  user: fc.nat(2),
  atMs: fc.nat(SPAN_MS - 1),
  type: fc.constantFrom('PRIVMSG', 'PRIVMSG', 'PRIVMSG', 'USERNOTICE', 'CLEARCHAT'),
  word: fc.constantFrom('Pog', 'żółw', 'KEKW 😀', 'a  b'),
})
const appendStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('append' as const),
  lines: fc.array(written, { minLength: 1, maxLength: 15 }),
})
const moveStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('seal', 'seal', 'seal', 'compact', 'compact', 'fold', 'trim'),
  shard: fc.nat(1),
})
const step = fc.oneof(appendStep, moveStep)
const history = fc.array(step, { minLength: 1, maxLength: 14 })
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const question = fc.record({
  route: fc.constantFrom('channel' as const, 'user' as const),
  order: fc.constantFrom('asc' as const, 'desc' as const),
  channel: optional(fc.nat(2)),
  user: optional(fc.nat(2)),
  range: optional(fc.tuple(fc.nat(SPAN_MS), fc.integer({ min: 1, max: SPAN_MS }))),
  type: optional(fc.constantFrom('PRIVMSG', 'USERNOTICE,CLEARCHAT')),
  q: optional(fc.constantFrom('pog', 'ŻÓŁW', 'timed out', 'nobody says this')),
  limits: fc.constantFrom(SMALL_LIMITS, READ_LIMITS),
})

type Question = Omit<typeof question extends fc.Arbitrary<infer Asked> ? Asked : never, 'limits'>

/** Every history has channels, users and times of its own, so that one Redis serves them all. */
class Play {
  readonly records: LogRecord[] = []
  readonly #base = (run += 1) * 1000
  readonly #startMs = this.#base * 10_000

  async play(steps: readonly Step[]): Promise<void> {
    for (const one of steps) await this.step(one)
  }

  async step(one: Step): Promise<void> {
    if (one.kind === 'append') {
      this.records.push(...(await world.append(one.lines.map((line) => this.#line(line)))))
    } else if (one.kind === 'seal') {
      await world.seal(one.shard)
    } else if (one.kind === 'compact') {
      if (await world.compact(one.shard)) taken.compact += 1
    } else if (one.kind === 'fold') {
      if (await world.fold()) taken.fold += 1
    } else {
      await world.trim(one.shard)
    }
  }

  query({ route, order, channel, user, range, type, q }: Question): ModelQuery {
    const isChannel = route === 'channel'
    const channelNumber = isChannel ? (channel ?? 0) : channel
    const userNumber = isChannel ? user : (user ?? 0)
    return {
      order,
      type,
      q,
      channelId: channelNumber === undefined ? undefined : this.#id(channelNumber),
      userId: userNumber === undefined ? undefined : this.#id(userNumber),
      fromMs: range === undefined ? undefined : this.#startMs + range[0],
      toMs: range === undefined ? undefined : this.#startMs + range[0] + range[1],
    }
  }

  #id(offset: number): string {
    return String(this.#base + offset)
  }

  #line({ channel, user, atMs, type, word }: Written): LineParts {
    number += 1
    return {
      number,
      channelId: this.#id(channel),
      userId: this.#id(user),
      sentAtMs: this.#startMs + atMs,
      text: `${word} ${number}`,
      type,
    }
  }
}

describe('an answer', () => {
  it('is that of a plain list, sealed fully, partly or not, in every order and with every filter (Q1, Q2, Q3)', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(question, { minLength: 4, maxLength: 8 }),
        async (steps, questions) => {
          const play = new Play()
          await play.play(steps)
          for (const { limits, ...asked } of questions) {
            const query = play.query(asked)
            const lines = await rawLines(world.app({ limits }), pathOf(query, asked.route))
            expect(lines).toEqual(expected(play.records, query))
          }
        },
      ),
      RUNS,
    )
    expect(world.equalKeys).toBe(0)
  })

  it('is cut at its limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        question,
        fc.integer({ min: 1, max: 20 }),
        async (steps, { limits, ...asked }, limit) => {
          const play = new Play()
          await play.play(steps)
          const query = play.query(asked)
          const lines = await rawLines(
            world.app({ limits }),
            `${pathOf(query, asked.route)}&limit=${limit}`,
          )
          expect(lines).toEqual(expected(play.records, query).slice(0, limit))
        },
      ),
      RUNS,
    )
    expect(world.equalKeys).toBe(0)
  })

  it('comes in pages that join without a skip or a repeat, across seals, compactions, folds and trims between them (Q3)', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        question,
        fc.integer({ min: 1, max: 6 }),
        async (steps, { limits, ...asked }, limit) => {
          const play = new Play()
          await play.play(steps)
          const query = play.query(asked)
          let turn = 0
          const between = async (): Promise<void> => {
            turn += 1
            const kinds = ['seal', 'compact', 'fold', 'trim'] as const
            const kind = kinds[(turn >> 1) % kinds.length] ?? 'seal'
            await play.step({ kind, shard: turn % 2 })
          }
          const lines = await pagedLines(world.app({ limits }), pathOf(query, asked.route), {
            limit,
            between,
          })
          expect(lines).toEqual(expected(play.records, query))
        },
      ),
      RUNS,
    )
    expect(world.equalKeys).toBe(0)
  })
})

it('took compactions and folds', () => {
  expect(taken.compact).toBeGreaterThan(10)
  expect(taken.fold).toBeGreaterThan(5)
})
