import { describe, expect, it } from 'vitest'
import { Recent } from './recent.ts'

const MARKS = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'] as const

describe('what a listener was given of late', () => {
  it('says what came since the time before which everything was given', () => {
    const recent = new Recent(100)
    for (const [index, mark] of MARKS.entries()) recent.add(mark, 100 + index)
    recent.advance(101)
    expect(recent.progress).toEqual({ arrivedMs: 101, seen: MARKS.slice(1) })
    recent.advance(50)
    expect(recent.fromMs).toBe(101)
  })

  it('knows what it was given when a clock steps back', () => {
    const recent = new Recent(100)
    for (const [index, mark] of MARKS.entries()) recent.add(mark, 100 + index)
    recent.advance(20_000)
    expect(recent.progress).toEqual({ arrivedMs: 20_000, seen: [] })
    recent.retreat(101)
    expect(recent.progress).toEqual({ arrivedMs: 101, seen: MARKS.slice(1) })
    expect(MARKS.every((mark) => recent.has(mark))).toBe(true)
  })

  it('forgets what is long ago', () => {
    const recent = new Recent(100)
    recent.add(MARKS[0], 100)
    recent.advance(100_000)
    expect(recent.has(MARKS[0])).toBe(false)
  })
})
