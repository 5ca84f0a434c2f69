import type { OptOuts } from '@poglog/hot-store'
import { describe, expect, it } from 'vitest'
import { OptOutFilter } from './opt-out-filter.ts'

const NOBODY: OptOuts = { users: new Set(), channels: new Set() }

/** A store whose answers come when they are told to. */
function slowStore() {
  const answers: (() => void)[] = []
  const failures: ((error: Error) => void)[] = []
  const view = () =>
    new Promise<OptOuts>((resolve, reject) => {
      answers.push(() => resolve(NOBODY))
      failures.push(reject)
    })
  return { store: { optOuts: { view } }, answers, failures }
}

const filter = () => new OptOutFilter({ optedOut: () => undefined })

describe('the first look at who has opted out', () => {
  it('lets batches go on in the order in which they came, whoever else has asked', async () => {
    const { store, answers } = slowStore()
    const optOuts = filter()
    const order: number[] = []
    const send = async (batch: number): Promise<void> => {
      await optOuts.learn(store)
      order.push(batch)
    }
    const first = send(1)
    // The registry asks, too, and is answered first.
    const refreshed = optOuts.refresh(store)
    answers[1]?.()
    await refreshed
    const second = send(2)
    answers[0]?.()
    await Promise.all([first, second, send(3)])
    expect(order).toEqual([1, 2, 3])
    expect(answers).toHaveLength(2)
  })

  it('is tried again after a failure', async () => {
    const { store, answers, failures } = slowStore()
    const optOuts = filter()
    const first = optOuts.learn(store)
    failures[0]?.(new Error('away'))
    await expect(first).rejects.toThrow('away')
    const second = optOuts.learn(store)
    answers[1]?.()
    await second
  })
})
