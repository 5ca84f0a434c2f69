import { describe, expect, it } from 'vitest'
import { restOf } from './cost-ranges.ts'
import { examplePoint } from './testing.ts'

const at = (channels: number, ingest: number, replicas = 1) =>
  examplePoint({
    setting: { channels, shards: 1, replicas },
    idle: { ingest, redis: 1, archiver: 1 },
  })

describe('restOf', () => {
  it('is what one replica takes with as many channels, or the next more', () => {
    const points = [at(20_000, 90), at(100, 10), at(5000, 30), at(10_000, 50), at(8000, 1, 2)]
    expect(restOf(points, 5000)).toBe(30)
    expect(restOf(points, 7143)).toBe(50)
    expect(restOf(points, 100_000)).toBe(90)
  })
})
