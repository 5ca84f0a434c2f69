import { HotStoreError } from '@poglog/hot-store'
import { SegmentError } from '@poglog/log-format'
import { ObjectStoreError } from '@poglog/object-store'
import { expect, it } from 'vitest'
import { advice } from './advice.ts'

it('claims of no job but a seal that records stay in Redis, and names the way out', () => {
  const missing = advice(new SegmentError('missing', 'key', { detail: '' }))
  expect(missing).toContain('poglog rebuild --force')
  const told = [
    missing,
    advice(new SegmentError('corrupt', 'key', { detail: '' })),
    advice(new ObjectStoreError('unavailable', 'key')),
    advice(new ObjectStoreError('full', 'key')),
    advice(new HotStoreError('unavailable', 'away')),
  ]
  for (const each of told) expect(each).not.toMatch(/(?<!not sealed stays.*)records stay in redis/)
  expect(told[3]).toContain('free space where OBJECT_STORE lies')
})
