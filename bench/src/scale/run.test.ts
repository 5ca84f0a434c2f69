import { describe, expect, it } from 'vitest'
import { costsOf, lostIn, unevenness, unsealedIn } from './run.ts'
import { exampleRun } from './testing.ts'

describe('costsOf', () => {
  it('divides processor time by lines, of all of a kind and of the busiest', () => {
    expect(costsOf(exampleRun())).toEqual({
      ingest: 30,
      busiestReplica: 20,
      redis: 20,
      busiestNode: 15,
      redisArchiving: 5,
      archiver: 40,
    })
  })
})

describe('unevenness', () => {
  it('is the largest part over an equal share', () => {
    expect(unevenness([5, 5, 5])).toBe(1)
    expect(unevenness([6, 3, 3])).toBe(1.5)
    expect(unevenness([7])).toBe(1)
  })
})

describe('what is lost', () => {
  it('is what was sent and not stored, or said to be dropped', () => {
    expect(lostIn(exampleRun())).toBe(0)
    expect(lostIn(exampleRun({ storedBy: [6990, 2998] }))).toBe(2)
    expect(lostIn(exampleRun({ storedBy: [6990, 3004] }))).toBe(0)
    expect(lostIn(exampleRun({ storedBy: [6990, 3004], dropped: 3 }))).toBe(3)
  })

  it('is what was stored and not sealed', () => {
    expect(unsealedIn(exampleRun())).toBe(0)
    expect(unsealedIn(exampleRun({ sealed: 9000 }))).toBe(990)
  })
})
