import { describe, expect, it } from 'vitest'
import { periodText, rangeText, tickTexts } from './period-text.ts'

const at = (text: string): number => Date.parse(text)

describe('the text of a period', () => {
  it('is its day, and its hour', () => {
    expect(periodText(at('2026-11-21'), 'day')).toBe('Sat 21 Nov 2026')
    expect(periodText(at('2026-11-21T13:00:00Z'), 'hour')).toBe('Sat 21 Nov 2026 13:00')
  })
})

describe('the text of a range', () => {
  it('ends with its last day', () => {
    const range = { fromMs: at('2026-11-01'), toMs: at('2026-11-22') }
    expect(rangeText(range)).toBe('Sun 1 Nov 2026 to Sat 21 Nov 2026')
    expect(rangeText({ fromMs: at('2026-11-21'), toMs: at('2026-11-22') })).toBe('Sat 21 Nov 2026')
  })

  it('may be open', () => {
    expect(rangeText({ fromMs: at('2026-11-21T13:00:00Z') })).toBe('Sat 21 Nov 2026 13:00 to now')
    expect(rangeText({ fromMs: 0 })).toBe('The beginning to now')
  })
})

describe('the texts of an axis', () => {
  it('are hours with the days between them', () => {
    const ticks = [at('2026-11-20T12:00:00Z'), at('2026-11-21'), at('2026-11-21T12:00:00Z')]
    expect(tickTexts(ticks)).toEqual(['12:00', '21 Nov', '12:00'])
  })

  it('are days, months and years', () => {
    expect(tickTexts([at('2026-11-01'), at('2026-11-08')])).toEqual(['1 Nov', '8 Nov'])
    const months = [at('2025-12-01'), at('2026-01-01'), at('2026-02-01')]
    expect(tickTexts(months)).toEqual(['Dec', '2026', 'Feb'])
  })
})
