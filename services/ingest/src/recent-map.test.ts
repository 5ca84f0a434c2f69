import { describe, expect, it } from 'vitest'
import { RecentMap } from './recent-map.ts'

describe('RecentMap', () => {
  it('keeps what is used and forgets what is not, within its size', () => {
    const map = new RecentMap<number>(100)
    map.set('used', -1)
    let kept = 0
    for (let number = 0; number < 1000; number += 1) {
      map.set(String(number), number)
      expect(map.get('used')).toBe(-1)
    }
    for (let number = 0; number < 1000; number += 1) {
      if (map.get(String(number)) !== undefined) kept += 1
    }
    expect(kept).toBeLessThanOrEqual(100)
    expect(map.get('999')).toBe(999)
    expect(map.get('0')).toBeUndefined()
  })
})
