import { describe, expect, it } from 'vitest'
import { SHADES_MAX, mostOf, shadeOf } from './shade.ts'

describe('the shade of a count', () => {
  it('is none for nothing, and the first for the least there is', () => {
    expect(shadeOf(0, 100)).toBe(0)
    expect(shadeOf(0, 0)).toBe(0)
    expect(shadeOf(1, 1_000_000)).toBe(1)
  })

  it('is the last for the most', () => {
    expect(shadeOf(7, 7)).toBe(SHADES_MAX)
  })

  it('rises with the root of the share', () => {
    const shades = [1, 4, 5, 16, 17, 36, 37, 64, 65].map((count) => shadeOf(count, 100))
    expect(shades).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5])
  })
})

describe('the most of counts', () => {
  it('is the highest of few, without those that are none', () => {
    expect(mostOf([0, 3, 9, 1])).toBe(9)
    expect(mostOf([0, 0])).toBe(0)
  })

  it('is not a single peak of many', () => {
    const usual = Array.from({ length: 99 }, (_, index) => index + 1)
    expect(mostOf([...usual, 1_000_000])).toBe(97)
  })
})
