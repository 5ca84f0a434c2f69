import { describe, expect, it } from 'vitest'
import { WordBounds } from './words-top-passes.ts'

describe('the passes over words', () => {
  it('have each word once, and none that was said more often than they tell', () => {
    const words = Array.from({ length: 4000 }, (_, at) => `word${at}`)
    const bounds = new WordBounds()
    for (const [at, word] of words.entries()) bounds.add(word, 1 + (at % 50))
    const passes = [...bounds.passes(100_000)]
    expect(passes.length).toBeGreaterThan(3)
    const maxima = passes.map(({ countMax }) => countMax)
    expect(maxima).toEqual(maxima.toSorted((left, right) => right - left))
    for (const [at, word] of words.entries()) {
      const found = passes.filter(({ has }) => has(word))
      expect(found).toHaveLength(1)
      expect(found[0]?.countMax).toBeGreaterThanOrEqual(1 + (at % 50))
    }
  })

  it('are none where nothing was said', () => {
    expect([...new WordBounds().passes(1)]).toEqual([])
  })
})
