import { describe, expect, it } from 'vitest'
import { ticksOf } from './ticks.ts'

const line = (number: number, channel: string): string =>
  `@id=${number} :a!a@a.tmi.twitch.tv PRIVMSG #${channel} :no #${number}`
const pace = { perSecond: 400, tickMs: 10 }
const receiverOf = (login: string): string | undefined =>
  login === 'none' ? undefined : `connection of ${login.charAt(0)}`

describe('ticksOf', () => {
  it('gives each line to the connection that has joined its channel, in the tick of its time', () => {
    const channels = ['a1', 'a2', 'b1', 'a1', 'b1', 'b2']
    const lines = channels.map((channel, index) => line(index, channel))
    expect([...ticksOf(lines, pace, receiverOf)].map((tick) => Object.fromEntries(tick))).toEqual([
      {
        'connection of a': [lines[0], lines[1], lines[3]],
        'connection of b': [lines[2]],
      },
      { 'connection of b': [lines[4], lines[5]] },
    ])
  })

  it('leaves ticks empty where lines come more seldom', () => {
    const lines = [line(0, 'a'), line(1, 'a')]
    const ticks = [...ticksOf(lines, { perSecond: 40, tickMs: 10 }, receiverOf)]
    expect(ticks.map(({ size }) => size)).toEqual([1, 0, 1])
  })

  it('leaves out no line at any pace', () => {
    const lines = Array.from({ length: 1000 }, (_, index) => line(index, `c${index % 7}`))
    for (const perSecond of [33, 250, 1000, 32_000]) {
      const ticks = [...ticksOf(lines, { perSecond, tickMs: 10 }, receiverOf)]
      expect(ticks.flatMap((tick) => [...tick.values()].flat())).toEqual(lines)
      expect(ticks).toHaveLength(Math.floor((999 * 1000) / perSecond / 10) + 1)
    }
  })

  it('refuses a line that nobody would get', () => {
    expect(() => [...ticksOf([line(0, 'none')], pace, receiverOf)]).toThrow('nobody has joined')
  })
})
