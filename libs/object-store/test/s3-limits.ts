import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openObjectStore } from '../src/index.ts'
import type { S3TestContext } from './s3-faults.ts'

const CONCURRENCY = 3
const DENIED = { kind: 'denied' }

/** Registers how S3 keeps to its limits, ends early and says what an operator must do. */
export function s3Limits(context: S3TestContext): void {
  describe('S3 and its limits', () => {
    bounds(context)
    aborts(context)
    denials(context)
  })
}

function bounds({ proxy, open }: S3TestContext): void {
  it('never has more requests under way than its concurrency', async () => {
    const store = await open({ concurrency: CONCURRENCY })
    proxy().setLatency(20)
    const keys = Array.from({ length: 12 }, (_, index) => `k${index}`)
    await Promise.all(keys.map(async (key) => await store.put(key, Uint8Array.of(1))))
    await Promise.all(keys.map(async (key) => await store.get(key)))
    expect(proxy().runningMax()).toBe(CONCURRENCY)
    expect(proxy().requests()).toBe(24)
  })

  it('gives a call its place in time even when those before it wait for ever', async () => {
    const store = await open({ concurrency: 1, attempts: 1, timeoutMs: 300 })
    await store.put('a', Uint8Array.of(1))
    proxy().inject({ kind: 'black-hole' }, { times: 1 })
    const lost = store.get('a')
    const next = store.get('a')
    await expect(lost).rejects.toMatchObject({ kind: 'unavailable' })
    expect(await next).toEqual(Uint8Array.of(1)) // Its own time began when it got the place.
  })

  it('ends after attempts times the time-out at the latest', async () => {
    const store = await open({ attempts: 2, timeoutMs: 200 })
    proxy().inject({ kind: 'black-hole' })
    const startMs = performance.now()
    const call = store.get('a')
    await expect(call).rejects.toMatchObject({ kind: 'unavailable' })
    await expect(call).rejects.toThrow('no complete answer after 200 ms')
    expect(performance.now() - startMs).toBeLessThan(1_500)
  })
}

function aborts({ proxy, open }: S3TestContext): void {
  it('ends running and waiting calls at once when their signal aborts', async () => {
    const store = await open({ concurrency: 2, timeoutMs: 20_000 })
    await store.put('a', Uint8Array.of(1))
    proxy().inject({ kind: 'black-hole' })
    const controller = new AbortController()
    const reason = new Error('the reader went away')
    const { signal } = controller
    const calls = [
      ...Array.from({ length: 5 }, async () => await store.get('a', { signal })),
      store.put('b', new Uint8Array(100_000), { signal }),
      store.delete('a', { signal }),
      store.deleteMany(['a'], { signal }),
      first(store.list('', { signal })),
    ]
    await sleep(100)
    const startMs = performance.now()
    controller.abort(reason)
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toEqual({ status: 'rejected', reason })
    }
    expect(performance.now() - startMs).toBeLessThan(100)
    proxy().heal()
    expect(await store.get('a')).toEqual(Uint8Array.of(1)) // The places are free again.
    expect(await store.get('b')).toBeUndefined()
  })

  it('sends nothing more once a signal aborts during the wait between attempts', async () => {
    const store = await open({ attempts: 10 })
    proxy().inject({ kind: 'status', status: 503, code: 'SlowDown' })
    const reason = new Error('enough')
    const controller = new AbortController()
    const call = store.get('a', { signal: controller.signal })
    const outcome = call.catch((error: unknown) => error)
    while (proxy().requests() === 0) await sleep(1)
    await sleep(5)
    controller.abort(reason)
    expect(await outcome).toBe(reason)
    const sent = proxy().requests()
    await sleep(1_500) // A wait after SlowDown is at most 1 s at first.
    expect(proxy().requests()).toBe(sent)
  })

  it('ends a listing between its pages', async () => {
    const store = await open()
    for (const key of ['a', 'b', 'c']) await store.put(key, Uint8Array.of(1))
    const controller = new AbortController()
    const reason = new Error('enough')
    const seen: string[] = []
    const read = async (): Promise<void> => {
      for await (const { key } of store.list('', { signal: controller.signal })) {
        seen.push(key)
        controller.abort(reason)
      }
    }
    await expect(read()).rejects.toBe(reason)
    expect(seen).toEqual(['a'])
  })
}

function denials({ proxy, open }: S3TestContext): void {
  it('says what to do about a missing bucket and wrong credentials when it is opened', async () => {
    await expect(open({ url: 's3://not-there' })).rejects.toThrow(
      'object store denied: s3://not-there/ (the bucket does not exist: create it or correct the url)',
    )
    const unknown = open({ credentials: { accessKeyId: 'unknown', secretAccessKey: 'x' } })
    await expect(unknown).rejects.toThrow('the access key is unknown')
    const wrong = open({
      credentials: { accessKeyId: 'test-access-key', secretAccessKey: 'wrong' },
    })
    await expect(wrong).rejects.toThrow('the secret key is wrong')
  })

  it('tells a missing bucket from a missing object in every call', async () => {
    const store = await open()
    const status = { kind: 'status', status: 404, code: 'NoSuchBucket' } as const
    proxy().inject(status)
    await expect(store.put('a', Uint8Array.of(1))).rejects.toMatchObject(DENIED)
    await expect(store.get('a')).rejects.toMatchObject(DENIED)
    await expect(store.size('a')).rejects.toMatchObject(DENIED)
    await expect(store.delete('a')).rejects.toMatchObject(DENIED)
    await expect(store.deleteMany(['a'])).rejects.toMatchObject(DENIED)
    await expect(first(store.list(''))).rejects.toMatchObject(DENIED)
    expect(proxy().requests()).toBe(6) // None of it was tried again.
  })

  it('reports a used-up quota as full', async () => {
    const store = await open()
    proxy().inject({ kind: 'status', status: 403, code: 'QuotaExceeded' })
    await expect(store.put('a', Uint8Array.of(1))).rejects.toMatchObject({ kind: 'full' })
  })

  it('opens while the server is away and works once it is back', async () => {
    proxy().inject({ kind: 'reset' })
    const store = await open({ attempts: 2, timeoutMs: 200 })
    await expect(store.get('a')).rejects.toMatchObject({ kind: 'unavailable' })
    proxy().heal()
    expect(await store.get('a')).toBeUndefined()
  })

  it('opens though nothing listens at the endpoint', async () => {
    const store = await openObjectStore({
      url: 's3://logs',
      endpoint: 'http://127.0.0.1:9',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      attempts: 1,
    })
    await expect(store.get('a')).rejects.toMatchObject({ kind: 'unavailable' })
    await store.close()
  })
}

async function first<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item
  return undefined
}
