import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ObjectBody } from '../src/index.ts'
import type { Fault } from '../src/testing.ts'
import type { S3TestContext } from './s3-faults.ts'

const run = promisify(execFile)

const PART_BYTES = 20_000
const PARTS = 7
const BYTES = Uint8Array.from({ length: PARTS * PART_BYTES - 5 }, (_, index) => (index * 7) >> 3)
const OTHER = new Uint8Array(5_000).fill(1)
const ATTEMPTS = 3
const FEW = { attempts: ATTEMPTS, timeoutMs: 10_000, partBytes: PART_BYTES }
/** The time-out of faults after which nothing comes. */
const SHORT = { ...FEW, timeoutMs: 500 }

/** The requests of an upload, told apart by method and url. */
const CREATE = { method: 'POST', url: 'uploads' } as const
const ONE_PART = { method: 'PUT', url: 'partNumber=3&' } as const
const COMPLETE = { method: 'POST', url: 'uploadId=' } as const
const STEPS = [CREATE, ONE_PART, COMPLETE] as const

const PAGE = { kind: 'answer', status: 200, body: '<html><body>Welcome</body></html>' } as const
/** How S3 says that it failed after it has begun to answer. */
const LATE_ERROR = {
  kind: 'answer',
  status: 200,
  body: '<?xml version="1.0"?>\n<Error><Code>InternalError</Code><Message>again</Message></Error>',
} as const
const FAULTS: readonly Fault[] = [
  { kind: 'status', status: 503 },
  { kind: 'reset' },
  { kind: 'half-request' },
  { kind: 'black-hole' },
  { kind: 'answer-lost' },
  { kind: 'answer-reset' },
  PAGE,
]
const SILENT_KINDS = new Set<Fault['kind']>(['black-hole', 'answer-lost'])

/** What these tests need beyond the others. */
export interface S3PartsContext extends S3TestContext {
  /** Uploads in the bucket that are neither complete nor given up. */
  readonly uploads: () => Promise<number>
}

/** Registers how a large body is stored in parts. */
export function s3Parts(context: S3PartsContext): void {
  describe('S3 and a body in parts', () => {
    let dir = ''
    const body = (): ObjectBody => ({ path: join(dir, 'body'), sizeBytes: BYTES.byteLength })
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'poglog-body-'))
      await writeFile(join(dir, 'body'), BYTES)
    })
    afterAll(async () => {
      await rm(dir, { recursive: true })
    })
    sizes(context, body)
    faults(context, body)
    failures(context, body)
    ends(context, body)
  })
}

function sizes({ proxy, open, uploads }: S3PartsContext, body: () => ObjectBody): void {
  it('sends as few requests as there are parts and a few at once', async () => {
    const before = await uploads()
    const store = await open({ ...FEW, concurrency: 16 })
    proxy().setLatency(20)
    await store.put('a', body())
    expect(proxy().requests('PUT')).toBe(PARTS)
    expect(proxy().requests('POST')).toBe(2)
    expect(proxy().requests('GET')).toBe(1) // Whether the object is there, with all its bytes.
    expect(proxy().runningMax()).toBe(4)
    expect(await store.get('a')).toEqual(BYTES)
    expect(await uploads()).toBe(before)
  })

  it('stores a body of four parts in one request, one byte more in parts', async () => {
    const store = await open(FEW)
    await store.put('a', BYTES.subarray(0, 4 * PART_BYTES))
    expect([proxy().requests('PUT'), proxy().requests()]).toEqual([1, 1])
    proxy().resetCounts()
    await store.put('a', BYTES.subarray(0, 4 * PART_BYTES + 1))
    expect([proxy().requests('PUT'), proxy().requests('POST')]).toEqual([5, 2])
    expect(await store.get('a')).toEqual(BYTES.subarray(0, 4 * PART_BYTES + 1))
  })

  it('takes a part of the size that AWS asks for', async () => {
    const store = await open({ partBytes: 5 * 1024 ** 2 })
    const bytes = Buffer.alloc(21 * 1024 ** 2, 'a part of what was said ')
    await store.put('a', bytes)
    expect(proxy().requests('PUT')).toBe(5)
    expect(Buffer.compare((await store.get('a')) ?? Buffer.of(), bytes)).toBe(0)
  })

  it('holds little of a file of 300 MB in memory', async () => {
    const child = join(import.meta.dirname, 'large-put.ts')
    const { stdout } = await run(process.execPath, ['--max-old-space-size=48', child, '300000000'])
    const grown: unknown = JSON.parse(stdout)
    expect(grown).toMatchObject({ parts: 18, bytes: 300_000_000 })
    expect(grown).toHaveProperty(
      'grownBytes',
      expect.toSatisfy((bytes: number) => bytes < 150_000_000), // Measured: 19 to 103 MB.
    )
  })
}

function faults({ proxy, open }: S3PartsContext, body: () => ObjectBody): void {
  const cases = STEPS.flatMap((step) => FAULTS.map((fault) => [fault, step] as const))
  it.each(cases)('stores the right bytes after one %o to %o', async (fault, step) => {
    const store = await open(SILENT_KINDS.has(fault.kind) ? SHORT : FEW)
    proxy().inject(fault, { ...step, times: 1 })
    await store.put('a', body())
    expect(await store.get('a')).toEqual(BYTES)
    expect(proxy().requests('PUT')).toBe(PARTS + (step === ONE_PART ? 1 : 0))
  })

  it('finds its object when the upload is gone after a lost answer, as on other servers', async () => {
    const store = await open(FEW)
    const gone = { kind: 'status', status: 404, code: 'NoSuchUpload' } as const
    proxy().inject({ kind: 'answer-reset' }, { ...COMPLETE, times: 1 })
    proxy().inject(gone, { ...COMPLETE, times: 1 })
    await store.put('a', body())
    expect(proxy().requests('POST')).toBe(3)
    expect(await store.get('a')).toEqual(BYTES)
  })

  it('tries again after an error that comes as a success, and a damaged part', async () => {
    const store = await open(FEW)
    proxy().inject(LATE_ERROR, { ...COMPLETE, times: 1 })
    proxy().inject({ kind: 'wrong-request-bytes' }, { ...ONE_PART, times: 1 })
    await store.put('a', body())
    expect([proxy().requests('PUT'), proxy().requests('POST')]).toEqual([PARTS + 1, 3])
    expect(await store.get('a')).toEqual(BYTES)
  })
}

function failures(context: S3PartsContext, body: () => ObjectBody): void {
  const { proxy, open, uploads } = context
  let before = 0
  beforeEach(async () => {
    before = await uploads()
  })

  it.each([
    [{ kind: 'status', status: 503 }, 'unavailable'],
    [{ kind: 'black-hole' }, 'unavailable'],
    [{ kind: 'half-request' }, 'unavailable'],
    [{ kind: 'answer-reset' }, 'unavailable'],
    [{ kind: 'wrong-request-bytes' }, 'corrupt'],
    [{ kind: 'status', status: 403, code: 'AccessDenied' }, 'denied'],
    [{ kind: 'status', status: 403, code: 'QuotaExceeded' }, 'full'],
  ] as const satisfies [Fault, string][])(
    'leaves the old object and no upload when a part always met %o',
    async (fault, kind) => {
      const store = await open(SILENT_KINDS.has(fault.kind) ? SHORT : FEW)
      await store.put('a', OTHER)
      proxy().inject(fault, ONE_PART)
      await expect(store.put('a', body())).rejects.toMatchObject({ kind, key: 'a' })
      await expect(store.put('b', body())).rejects.toMatchObject({ kind, key: 'b' })
      expect(await store.get('a')).toEqual(OTHER)
      expect(await store.get('b')).toBeUndefined()
      expect(await uploads()).toBe(before)
    },
  )

  it('leaves the old object when the parts cannot be put together', async () => {
    const store = await open(FEW)
    await store.put('a', OTHER)
    const steps = [LATE_ERROR, PAGE, { kind: 'status', status: 503 }] as const
    for (const fault of steps) {
      proxy().inject(fault, COMPLETE)
      await expect(store.put('a', body())).rejects.toMatchObject({ kind: 'unavailable', key: 'a' })
      proxy().heal()
      expect(await store.get('a')).toEqual(OTHER)
    }
    // The server may still be at it, for all that is known: its parts are not taken away.
    expect(await uploads()).toBe(before + steps.length)
    proxy().inject({ kind: 'status', status: 403, code: 'AccessDenied' }, COMPLETE)
    await expect(store.put('a', body())).rejects.toMatchObject({ kind: 'denied' })
    expect(await uploads()).toBe(before + steps.length)
  })

  it('says what error came as a success', async () => {
    const store = await open(FEW)
    proxy().inject(LATE_ERROR, COMPLETE)
    await expect(store.put('a', body())).rejects.toThrow(
      'the error InternalError came as a success',
    )
  })

  it('does not take another object for its own when the upload is gone', async () => {
    const store = await open(FEW)
    const gone = { kind: 'status', status: 404, code: 'NoSuchUpload' } as const
    proxy().inject(gone, COMPLETE)
    await expect(store.put('a', body())).rejects.toMatchObject({ kind: 'unavailable' })
    await store.put('a', OTHER)
    await expect(store.put('a', body())).rejects.toMatchObject({ kind: 'unavailable' })
    expect(await store.get('a')).toEqual(OTHER)
  })
}

function ends({ proxy, open, uploads }: S3PartsContext, body: () => ObjectBody): void {
  it('ends at once when its signal aborts, and gives up the upload', async () => {
    const before = await uploads()
    const store = await open({ ...FEW, timeoutMs: 20_000 })
    await store.put('a', OTHER)
    proxy().inject({ kind: 'black-hole' }, ONE_PART)
    const controller = new AbortController()
    const reason = new Error('asked to stop')
    const put = store.put('a', body(), { signal: controller.signal })
    const outcome = put.catch((error: unknown) => error)
    while (proxy().requests('PUT') < PARTS + 1) await sleep(5)
    expect(await uploads()).toBe(before + 1)
    const startMs = performance.now()
    controller.abort(reason)
    expect(await outcome).toBe(reason)
    expect(performance.now() - startMs).toBeLessThan(100)
    await store.close()
    expect(await uploads()).toBe(before)
    expect(await (await open({ url: 's3://logs/none' })).get('a')).toBeUndefined()
  })

  it('gives up what still runs when the store is closed', async () => {
    const before = await uploads()
    const store = await open({ ...FEW, timeoutMs: 20_000 })
    proxy().inject({ kind: 'black-hole' }, ONE_PART)
    const put = store.put('a', body())
    const outcome = put.catch((error: unknown) => error)
    while (proxy().requests('PUT') < PARTS) await sleep(5)
    await store.close()
    expect(await outcome).toMatchObject({ kind: 'unavailable' })
    expect(await uploads()).toBe(before)
  })

  it('gives a body the time that its bytes take, and no more', async () => {
    const store = await open({ attempts: 1, timeoutMs: 300 })
    proxy().inject({ kind: 'delay', delayMs: 1_200 }, { method: 'PUT' })
    await store.put('large', new Uint8Array(4_000_000)) // 0.3 s and 4 s.
    const small = store.put('small', new Uint8Array(100_000))
    await expect(small).rejects.toThrow('no complete answer after 400 ms')
    proxy().inject({ kind: 'stalled', bytes: 1_000 }, { method: 'GET', url: 'large' })
    const read = store.get('large')
    await expect(read).rejects.toThrow('no complete answer after 4300 ms')
  })
}
