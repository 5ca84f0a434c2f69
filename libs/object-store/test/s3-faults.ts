import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ObjectStore, ObjectStoreSettings } from '../src/index.ts'
import type { Fault, FaultProxy } from '../src/testing.ts'

/** What the tests of S3 share. */
export interface S3TestContext {
  readonly proxy: () => FaultProxy
  readonly open: (settings?: Partial<ObjectStoreSettings>) => Promise<ObjectStore>
}

const ATTEMPTS = 3
/** Time enough for any machine. */
const FEW = { attempts: ATTEMPTS, timeoutMs: 10_000 }
/** After these faults nothing comes, and only the time-out ends an attempt. */
const SILENT_KINDS = new Set<Fault['kind']>(['black-hole', 'answer-lost', 'stalled'])
const BYTES = Uint8Array.from({ length: 5_000 }, (_, index) => (index * 7) & 0xff)
const OTHER = new Uint8Array(5_000).fill(1)
const RANGE = { start: 100, end: 3_000 }

/** An answer that is none: the page of a captive portal, a load balancer, a proxy. */
const PAGE = {
  kind: 'answer',
  status: 200,
  body: '<html><body>Welcome</body></html>',
} as const satisfies Fault

/** Faults of answers after which a read must be tried again, and the kind when none comes right. */
const READ_FAULTS: readonly [Fault, 'unavailable' | 'corrupt'][] = [
  [{ kind: 'status', status: 503 }, 'unavailable'],
  [{ kind: 'status', status: 500, code: 'InternalError' }, 'unavailable'],
  [{ kind: 'reset' }, 'unavailable'],
  [{ kind: 'black-hole' }, 'unavailable'],
  [{ kind: 'answer-lost' }, 'unavailable'],
  [{ kind: 'answer-reset' }, 'unavailable'],
  [{ kind: 'truncated', bytes: 0 }, 'unavailable'],
  [{ kind: 'truncated', bytes: 1_000 }, 'unavailable'],
  [{ kind: 'stalled', bytes: 1_000 }, 'unavailable'],
  [{ kind: 'short', bytes: 1 }, 'unavailable'],
  [{ kind: 'long', bytes: 1 }, 'unavailable'],
  [PAGE, 'unavailable'],
  [{ kind: 'answer', status: 200, body: '' }, 'unavailable'],
  [{ kind: 'wrong-range' }, 'corrupt'],
]

const WRITE_FAULTS: readonly [Fault, 'unavailable' | 'corrupt'][] = [
  [{ kind: 'status', status: 503 }, 'unavailable'],
  [{ kind: 'reset' }, 'unavailable'],
  [{ kind: 'black-hole' }, 'unavailable'],
  [{ kind: 'half-request' }, 'unavailable'],
  [{ kind: 'wrong-request-bytes' }, 'corrupt'],
  [PAGE, 'unavailable'],
]

/** The server does the work, and the client cannot know. */
const LOST_ANSWERS: readonly Fault[] = [{ kind: 'answer-lost' }, { kind: 'answer-reset' }]

function few({ kind }: Fault): Partial<ObjectStoreSettings> {
  return SILENT_KINDS.has(kind) ? { ...FEW, timeoutMs: 400 } : FEW
}

/** Registers what S3 behind a bad network must still do. */
export function s3Faults(context: S3TestContext): void {
  describe('S3 behind a bad network', () => {
    readFaults(context)
    writeFaults(context)
    listFaults(context)
    deleteFaults(context)
  })
}

function readFaults({ proxy, open }: S3TestContext): void {
  it.each(READ_FAULTS)('reads the right bytes after one %o', async (fault) => {
    const store = await open(few(fault))
    await store.put('a', BYTES)
    for (const range of [undefined, RANGE]) {
      proxy().inject(fault, { times: 1, method: 'GET' })
      const found = await store.get('a', range === undefined ? {} : { range })
      expect(found).toEqual(range === undefined ? BYTES : BYTES.slice(RANGE.start, RANGE.end))
    }
    expect(proxy().requests('GET')).toBe(4)
  })

  it.each(READ_FAULTS)('fails a read after all attempts met %o', async (fault, kind) => {
    const store = await open(few(fault))
    await store.put('a', BYTES)
    proxy().inject(fault, { method: 'GET' })
    await expect(store.get('a', { range: RANGE })).rejects.toMatchObject({ kind, key: 'a' })
    expect(proxy().requests('GET')).toBe(ATTEMPTS)
    proxy().heal()
    expect(await store.get('a')).toEqual(BYTES)
  })

  it('finds other bytes in a whole object by its checksum', async () => {
    const store = await open(FEW)
    await store.put('a', BYTES)
    proxy().inject({ kind: 'wrong-bytes' }, { times: 1 })
    expect(await store.get('a')).toEqual(BYTES)
    proxy().inject({ kind: 'wrong-bytes' })
    await expect(store.get('a')).rejects.toMatchObject({ kind: 'corrupt', key: 'a' })
  })

  it('takes a size and an absence only from S3 itself', async () => {
    const store = await open(FEW)
    await store.put('a', BYTES)
    for (const status of [200, 404]) {
      proxy().inject({ ...PAGE, status }, { times: 2 * ATTEMPTS })
      await expect(store.size('a')).rejects.toMatchObject({ kind: 'unavailable' })
      await expect(store.get('a')).rejects.toMatchObject({ kind: 'unavailable' })
      proxy().heal()
    }
    expect(await store.size('a')).toBe(BYTES.byteLength)
  })

  it('outlives a storm of 503 answers that is shorter than its attempts', async () => {
    const store = await open({ attempts: 10, timeoutMs: 10_000 })
    await store.put('a', BYTES)
    proxy().inject({ kind: 'status', status: 503 }, { durationMs: 500 })
    const reads = Array.from({ length: 3 }, async () => await store.get('a'))
    for (const found of await Promise.all(reads)) expect(found).toEqual(BYTES)
    expect(proxy().requests('GET')).toBeGreaterThan(6)
  })

  it('spreads the attempts of many callers (jitter)', async () => {
    const store = await open({ ...FEW, concurrency: 20 })
    proxy().inject({ kind: 'status', status: 503 })
    const startMs = performance.now()
    const endsMs = await Promise.all(
      Array.from({ length: 20 }, async () => {
        await expect(store.get('a')).rejects.toMatchObject({ kind: 'unavailable' })
        return performance.now() - startMs
      }),
    )
    // Two waits of 0-50 and 0-100 ms: without jitter all would end together.
    expect(Math.max(...endsMs) - Math.min(...endsMs)).toBeGreaterThan(20)
  })
}

function writeFaults({ proxy, open }: S3TestContext): void {
  it.each(WRITE_FAULTS)('stores the right bytes after one %o', async (fault) => {
    const store = await open(few(fault))
    proxy().inject(fault, { times: 1, method: 'PUT' })
    await store.put('a', BYTES)
    expect(await store.get('a')).toEqual(BYTES)
    expect(proxy().requests('PUT')).toBe(2)
  })

  it.each(WRITE_FAULTS)('leaves the object as it was when all met %o', async (fault, kind) => {
    const store = await open(few(fault))
    await store.put('a', OTHER)
    proxy().resetCounts()
    proxy().inject(fault, { method: 'PUT' })
    await expect(store.put('a', BYTES)).rejects.toMatchObject({ kind, key: 'a' })
    await expect(store.put('b', BYTES)).rejects.toMatchObject({ kind, key: 'b' })
    expect(proxy().requests('PUT')).toBe(2 * ATTEMPTS)
    proxy().heal()
    expect(await store.get('a')).toEqual(OTHER)
    expect(await store.get('b')).toBeUndefined()
  })

  it.each(LOST_ANSWERS)('stores once more after %o to one put', async (fault) => {
    const store = await open(few(fault))
    proxy().inject(fault, { times: 1, method: 'PUT' })
    await store.put('a', BYTES)
    expect(await store.get('a')).toEqual(BYTES)
  })

  it.each(LOST_ANSWERS)('reports a put as unknown after %o to all', async (fault) => {
    const store = await open(few(fault))
    proxy().inject(fault, { method: 'PUT' })
    await expect(store.put('a', BYTES)).rejects.toMatchObject({ kind: 'unavailable' })
    proxy().heal()
    expect(await store.get('a')).toEqual(BYTES) // Whole, though the caller was told nothing.
  })

  it('reads a file again from its start for every attempt, and closes it', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'poglog-body-'))
    const path = join(dir, 'body')
    const bytes = Buffer.alloc(2_000_000, 'file ')
    await writeFile(path, bytes)
    const store = await open(FEW)
    const filesBefore = (await openFiles()).filter((name) => name === path)
    proxy().inject({ kind: 'half-request' }, { times: 1, method: 'PUT' })
    proxy().inject({ kind: 'wrong-request-bytes' }, { times: 1, method: 'PUT' })
    await store.put('file', { path, sizeBytes: bytes.byteLength })
    expect(Buffer.compare((await store.get('file')) ?? Buffer.of(), bytes)).toBe(0)
    proxy().inject({ kind: 'reset' }, { method: 'PUT' })
    const failed = store.put('file', { path, sizeBytes: bytes.byteLength })
    await expect(failed).rejects.toMatchObject({ kind: 'unavailable' })
    expect((await openFiles()).filter((name) => name === path)).toEqual(filesBefore)
    await rm(dir, { recursive: true })
  })
}

/** Those of an object's range, or of its size. */
const ABOUT_OBJECTS = new Set<Fault['kind']>(['wrong-range', 'truncated', 'stalled'])

function listFaults({ proxy, open }: S3TestContext): void {
  const faults: readonly Fault[] = [
    ...READ_FAULTS.map(([fault]) => fault).filter(({ kind }) => !ABOUT_OBJECTS.has(kind)),
    { kind: 'short', bytes: 300 },
    { kind: 'truncated', bytes: 300 },
    { kind: 'stalled', bytes: 300 },
  ]
  it.each(faults)('lists all or fails after %o', async (fault) => {
    const store = await open(few(fault))
    const keys = ['a', 'b', 'c']
    for (const key of keys) await store.put(key, BYTES)
    proxy().inject(fault, { times: 1, method: 'GET' })
    expect(await keysOf(store)).toEqual(keys)
    proxy().inject(fault, { method: 'GET' })
    await expect(keysOf(store)).rejects.toMatchObject({ kind: 'unavailable' })
  })
}

function deleteFaults({ proxy, open }: S3TestContext): void {
  it.each([...LOST_ANSWERS, PAGE])('deletes in spite of one %o', async (fault) => {
    const store = await open(few(fault))
    for (const key of ['a', 'b', 'c', 'd']) await store.put(key, BYTES)
    proxy().inject(fault, { times: 1, method: 'DELETE' })
    await store.delete('a')
    proxy().inject(fault, { times: 1, method: 'POST' })
    await store.deleteMany(['b', 'c'])
    expect(await keysOf(store)).toEqual(['d'])
    proxy().inject(fault)
    await expect(store.delete('d')).rejects.toMatchObject({ kind: 'unavailable', key: 'd' })
    await expect(store.deleteMany(['d'])).rejects.toMatchObject({ kind: 'unavailable', key: 'd' })
  })

  it('reports the first key that a batch could not delete, and how many', async () => {
    const store = await open({ ...FEW, url: 's3://logs/x' })
    const failed = ['b', 'c'].map(
      (key) => `<Error><Key>x/${key}</Key><Code>AccessDenied</Code></Error>`,
    )
    const body = `<DeleteResult>${failed.join('')}</DeleteResult>`
    proxy().inject({ kind: 'answer', status: 200, body }, { times: 1, method: 'POST' })
    const call = store.deleteMany(['a', 'b', 'c'])
    await expect(call).rejects.toMatchObject({ kind: 'denied', key: 'b' })
    await expect(call).rejects.toThrow('2 of 3 were not deleted')
  })
}

async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  return keys
}

/** What the file descriptors of this process point to (Linux). */
async function openFiles(): Promise<string[]> {
  const names = await readdir('/proc/self/fd')
  return await Promise.all(
    names.map(async (name) => await readlink(`/proc/self/fd/${name}`).catch(() => '')),
  )
}
