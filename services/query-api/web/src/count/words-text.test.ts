import { describe, expect, it } from 'vitest'
import { readWords } from './words-text.ts'

describe('the words that somebody types', () => {
  it('are split by white space, each once', () => {
    expect(readWords('  Pog KEKW\u3000Pog pog ')).toEqual(['Pog', 'KEKW', 'pog'])
    expect(readWords(' ')).toEqual([])
  })

  it('are too many for one chart', () => {
    expect(readWords('a b c d e')).toHaveLength(5)
    expect(readWords('a b c d e f')).toBeUndefined()
  })
})
