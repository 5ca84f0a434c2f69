import { describe, expect, it } from 'vitest'
import { durationText } from './duration.ts'

describe('a length of time', () => {
  it('is said with its two greatest units', () => {
    expect(durationText(41_000)).toBe('41 s')
    expect(durationText(200_000)).toBe('3 min 20 s')
    expect(durationText(3_600_000)).toBe('1 h')
    expect(durationText(7_500_000)).toBe('2 h 5 min')
    expect(durationText(525_600_000)).toBe('6 d 2 h')
  })

  it('is never nothing, and never rounded up into the next unit', () => {
    expect(durationText(3)).toBe('0.1 s')
    expect(durationText(440)).toBe('0.4 s')
    expect(durationText(59_999)).toBe('59 s')
    expect(durationText(86_399_999)).toBe('23 h 59 min')
  })
})
