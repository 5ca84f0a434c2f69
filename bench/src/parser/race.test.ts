import { describe, expect, it } from 'vitest'
import { medianOf, race, timesFaster } from './race.ts'

describe('race', () => {
  it('gives every contestant every line, as often as it is timed', () => {
    const seen: string[][] = [[], []]
    const runners = seen.map((lines) => (line: string) => {
      if (lines.length < 3) lines.push(line)
    })
    const times = race(runners, ['a', 'b', 'c'], 1)
    expect(seen).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ])
    expect(times.map((rounds) => rounds.length)).toEqual([15, 15])
    expect(times.flat().every((ns) => ns > 0)).toBe(true)
  })
})

describe('timesFaster', () => {
  it('compares round by round, so that a slow moment of the machine does not count', () => {
    expect(timesFaster([1, 10, 1], [5, 50, 5])).toBe(5)
    expect(medianOf([9, 1, 5])).toBe(5)
  })
})
