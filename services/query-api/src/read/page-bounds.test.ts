import { describe, expect, it } from 'vitest'
import { PageBoundsCache } from './page-bounds.ts'
import type { PageBounds } from './page-bounds.ts'
import { compareIds } from './stream-id.ts'

const NOW_MS = 100_000

function page(fromMs: number, toMs: number): PageBounds {
  return { afterId: `${fromMs}-0`, lastId: `${toMs}-0`, minMs: fromMs, maxMs: toMs }
}

describe('PageBoundsCache', () => {
  it('remembers pages that follow each other, from any of them on', () => {
    const cache = new PageBoundsCache()
    const pages = [page(1, 2), page(2, 3), page(3, 4)]
    for (const one of pages) cache.add('7', one, NOW_MS)
    expect(cache.after('7', '1-0')).toEqual(pages)
    expect(cache.after('7', '1-5')).toEqual(pages.slice(1))
    expect(cache.after('7', '3-0')).toEqual(pages.slice(2))
    expect(cache.after('7', '4-0')).toEqual([])
    expect(cache.after('8', '1-0')).toEqual([])
  })

  it('does not remember a page that a failover could still undo', () => {
    const cache = new PageBoundsCache()
    cache.add('7', page(1, NOW_MS - 29_999), NOW_MS)
    expect(cache.after('7', '1-0')).toEqual([])
    cache.add('7', page(1, NOW_MS - 30_001), NOW_MS)
    expect(cache.after('7', '1-0')).toHaveLength(1)
  })

  it('never holds pages with a gap between them: what lies in it would be left out (Q1)', () => {
    const cache = new PageBoundsCache()
    cache.add('7', page(1, 2), NOW_MS)
    cache.add('7', page(5, 6), NOW_MS)
    expect(cache.after('7', '1-0')).toEqual([page(5, 6)])
    cache.add('7', page(3, 4), NOW_MS)
    expect(cache.after('7', '1-0')).toEqual([page(5, 6)])
  })

  it('forgets what has become cold', () => {
    const cache = new PageBoundsCache()
    for (const one of [page(1, 2), page(2, 3), page(3, 4)]) cache.add('7', one, NOW_MS)
    cache.forgetBefore('7', '2-0')
    expect(cache.after('7', '0-0')).toEqual([page(2, 3), page(3, 4)])
    cache.forgetBefore('7', '9-0')
    expect(cache.after('7', '0-0')).toEqual([])
    cache.add('7', page(10, 11), NOW_MS)
    expect(cache.after('7', '9-0')).toEqual([page(10, 11)])
  })
})

it('compares stream ids as numbers, also the largest', () => {
  expect(compareIds('9-0', '10-0')).toBeLessThan(0)
  expect(compareIds('10-9', '10-10')).toBeLessThan(0)
  expect(compareIds('10-18446744073709551615', '10-18446744073709551614')).toBeGreaterThan(0)
  expect(compareIds('10-1', '10-1')).toBe(0)
})
