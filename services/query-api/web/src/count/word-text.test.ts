import { describe, expect, it } from 'vitest'
import { wordText } from './word-text.ts'

describe('the text of a word', () => {
  it('is the word', () => {
    expect(wordText('Pog')).toBe('Pog')
    expect(wordText('\u{1F600}\uFE0F')).toBe('\u{1F600}\uFE0F')
    expect(wordText('x\u{E0000}')).toBe('x\u{E0000}')
  })

  it('are its characters where it cannot be seen', () => {
    expect(wordText('\u{E0000}')).toBe('U+E0000')
    expect(wordText('\u200B\u2800')).toBe('U+200B U+2800')
  })
})
