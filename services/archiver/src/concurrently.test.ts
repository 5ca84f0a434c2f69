import { describe, expect, it } from 'vitest'
import { concurrently } from './concurrently.ts'

describe('concurrently', () => {
  it('runs every item, never more than the limit at once', async () => {
    let running = 0
    let most = 0
    const done: number[] = []
    await concurrently(upTo(20), {
      limit: 3,
      async work(item) {
        running += 1
        most = Math.max(most, running)
        await new Promise(setImmediate)
        running -= 1
        done.push(item)
      },
    })
    expect(most).toBe(3)
    expect(done).toHaveLength(20)
  })

  it('takes no more items after a failure and waits for what had begun', async () => {
    const begun: number[] = []
    let ended = 0
    const failing = concurrently(upTo(100), {
      limit: 4,
      async work(item) {
        begun.push(item)
        await Promise.resolve()
        ended += 1
        if (item === 2) throw new Error('no')
      },
    })
    await expect(failing).rejects.toThrow('no')
    expect(begun.length).toBeLessThan(12)
    expect(ended).toBe(begun.length)
  })

  it('fails when the items fail', async () => {
    const failing = concurrently(failingItems(), { limit: 2, work: () => Promise.resolve() })
    await expect(failing).rejects.toThrow('scan failed')
  })
})

async function* upTo(count: number): AsyncGenerator<number> {
  for (let item = 0; item < count; item += 1) yield await Promise.resolve(item)
}

async function* failingItems(): AsyncGenerator<number> {
  yield await Promise.resolve(1)
  throw new Error('scan failed')
}
