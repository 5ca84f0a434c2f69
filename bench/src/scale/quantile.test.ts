import { describe, expect, it } from 'vitest'
import { bucketsOf, bucketsSince, quantileOf } from './quantile.ts'

const buckets = [
  { le: 1, count: 0 },
  { le: 2, count: 50 },
  { le: 4, count: 90 },
  { le: Infinity, count: 100 },
]

const shown = (one: number, all: number): ReadonlyMap<string, number> =>
  new Map([
    ['append_seconds_bucket{le="0.05"}', one],
    ['append_seconds_bucket{le="+Inf"}', all],
    ['append_seconds_sum', 1.5],
    ['other_seconds_bucket{le="0.05"}', 99],
  ])

describe('quantileOf', () => {
  it('spreads what is in a bucket evenly', () => {
    expect(quantileOf(buckets, 0.25)).toBe(1.5)
    expect(quantileOf(buckets, 0.5)).toBe(2)
    expect(quantileOf(buckets, 0.7)).toBe(3)
  })

  it('is the last edge there is beyond it, and nothing where there is nothing', () => {
    expect(quantileOf(buckets, 0.99)).toBe(4)
    expect(quantileOf([], 0.5)).toBeNaN()
    expect(quantileOf([{ le: 1, count: 0 }], 0.5)).toBeNaN()
  })
})

describe('buckets', () => {
  it('are added up over processes, and taken since an earlier time', () => {
    const before = bucketsOf('append_seconds', [shown(1, 2)])
    const after = bucketsOf('append_seconds', [shown(4, 7), shown(10, 20)])
    expect(after).toEqual([
      { le: 0.05, count: 14 },
      { le: Infinity, count: 27 },
    ])
    expect(bucketsSince(before, after)).toEqual([
      { le: 0.05, count: 13 },
      { le: Infinity, count: 25 },
    ])
  })
})
