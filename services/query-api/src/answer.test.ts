import type { LogRecord } from '@poglog/log-format'
import { createLogger } from '@poglog/service-kit'
import { describe, expect, it, vi } from 'vitest'
import { Answer } from './answer.ts'
import { createEvents } from './events.ts'
import { READING_END_MS } from './limits.ts'
import { recordOf } from './testing/lines.ts'

/** An answer whose client can leave, and whether its place is free again. */
function answerOf(): { answer: Answer; leave: () => void; place: { isFree: boolean } } {
  const client = new AbortController()
  const place = { isFree: false }
  const answer = new Answer({
    route: '/',
    format: 'raw',
    requestId: '1',
    events: createEvents(createLogger({ name: 'test', level: 'silent' })),
    clientSignal: client.signal,
    times: { firstByteMsMax: 60_000, wholeMsMax: 60_000 },
    release: () => {
      place.isFree = true
    },
  })
  const leave = (): void => {
    client.abort()
  }
  return { answer, leave, place }
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
}

describe('the place of a query whose client has left', () => {
  it('is free when its reading has ended, not before', async () => {
    const { answer, leave, place } = answerOf()
    const closing = Promise.withResolvers<void>()
    const reading = answer.reading(() => closing.promise)
    leave()
    await turns()
    expect([answer.signal.aborted, place.isFree]).toEqual([true, false])
    closing.resolve()
    await reading
    await turns()
    expect(place.isFree).toBe(true)
  })

  it('is free when the readers of its stream have closed', async () => {
    const { answer, leave, place } = answerOf()
    const closing = Promise.withResolvers<void>()
    async function* batches(): AsyncGenerator<LogRecord[], void, undefined> {
      try {
        yield [recordOf({ number: 1 })]
      } finally {
        await closing.promise
      }
    }
    await answer.stream(batches(), {
      write: () => new Uint8Array(1),
      onEmpty: async () => undefined,
    })
    leave()
    await turns()
    expect(place.isFree).toBe(false)
    closing.resolve()
    await turns()
    expect(place.isFree).toBe(true)
  })

  it('is not waited for without end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { answer, leave, place } = answerOf()
      void answer.reading(() => new Promise(() => undefined))
      leave()
      await turns()
      vi.advanceTimersByTime(READING_END_MS - 1)
      expect(place.isFree).toBe(false)
      vi.advanceTimersByTime(1)
      expect(place.isFree).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })
})
