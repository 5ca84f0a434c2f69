import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openObjectStore, watchStore, type ObjectBody, type ObjectStore } from '../src/index.ts'
import { objectStoreConformance } from '../src/testing.ts'

const run = promisify(execFile)
const MEBIBYTE = 1024 * 1024
const HOUR_MS = 3_600_000

let dir = ''
let stores = 0
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'poglog-folder-'))
})
afterAll(async () => {
  await rm(dir, { recursive: true })
})

objectStoreConformance('a folder', async () => await openFolder(newFolder()))

objectStoreConformance('a folder that is watched', async () =>
  watchStore(await openFolder(newFolder()), () => () => undefined),
)

describe('a store that is watched', () => {
  it('tells every request, how it ended, and of a get how many bytes came', async () => {
    const told: unknown[] = []
    const store = watchStore(
      await openFolder(newFolder()),
      (method) => (outcome, readBytes) => void told.push([method, outcome, readBytes]),
    )
    await store.put('a', new Uint8Array(5))
    await store.get('a', { range: { start: 1, end: 4 } })
    await store.get('b')
    await Array.fromAsync(store.list(''))
    await store.delete('a')
    await expect(store.get('../a')).rejects.toThrow('../a')
    expect(told).toEqual([
      ['put', 'done', undefined],
      ['get', 'done', 3],
      ['get', 'done', 0],
      ['list', 'done', undefined],
      ['delete', 'done', undefined],
      ['get', 'failed', undefined],
    ])
  })
})

describe('a folder that is full', () => {
  let disk = ''
  beforeAll(async () => {
    disk = newFolder()
    await mkdir(disk)
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m,nr_inodes=12', 'tmpfs', disk])
  })
  afterAll(async () => {
    await run('umount', [disk])
  })

  it('reports it, stores nothing in part, and works again once there is room', async () => {
    const store = await openFolder(join(disk, 'space'))
    await store.put('kept', new Uint8Array(500_000).fill(1))
    const path = join(dir, 'large-body')
    await writeFile(path, Buffer.alloc(2 * MEBIBYTE))
    const bodies: ObjectBody[] = [
      new Uint8Array(2 * MEBIBYTE),
      [new Uint8Array(MEBIBYTE), new Uint8Array(MEBIBYTE)],
      { path, sizeBytes: 2 * MEBIBYTE },
    ]
    for (const body of bodies) {
      const put = store.put('kept', body)
      await expect(put).rejects.toMatchObject({ kind: 'full', key: 'kept' })
    }
    expect(await readdir(join(disk, 'space', '.tmp'))).toEqual([])
    expect(await store.get('kept')).toEqual(new Uint8Array(500_000).fill(1))
    await store.put('more', new Uint8Array(300_000))
    await store.deleteMany(['kept', 'more'])
  })

  it('reports also that no more files fit', async () => {
    const store = await openFolder(join(disk, 'files'))
    const puts = Array.from({ length: 12 }, async (_, index) => {
      await store.put(`file-${index}`, Uint8Array.of(1))
    })
    const outcomes = await Promise.allSettled(puts)
    const failed = outcomes.filter(({ status }) => status === 'rejected')
    expect(failed.length).toBeGreaterThan(0)
    for (const outcome of failed) expect(outcome).toMatchObject({ reason: { kind: 'full' } })
    expect((await keysOf(store)).length).toBe(12 - failed.length)
  })

  it('reports a disk that became read-only as denied', async () => {
    const store = await openFolder(join(disk, 'space'))
    await run('mount', ['-o', 'remount,ro', disk])
    const denied = { kind: 'denied' }
    await expect(store.put('a', Uint8Array.of(1))).rejects.toMatchObject(denied)
    await expect(openFolder(join(disk, 'new'))).rejects.toMatchObject(denied)
  })
})

describe('a folder after a crash', () => {
  it('holds whole objects only, and all that were acknowledged', async () => {
    const root = newFolder()
    const url = pathToFileURL(root).href
    const writer = spawn(process.execPath, [join(import.meta.dirname, 'folder-writer.ts'), url])
    let output = ''
    writer.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    const ended = new Promise((resolve) => {
      writer.once('close', resolve)
    })
    while (output.split('\n').length < 40) await sleep(5)
    writer.kill('SIGKILL')
    await ended

    const store = await openFolder(root)
    const keys = await keysOf(store)
    for (const key of keys) {
      const number = Number(key.split('-')[1])
      const expected = Buffer.alloc(2_000_000, number & 0xff)
      expect(Buffer.compare((await store.get(key)) ?? Buffer.of(), expected)).toBe(0)
    }
    const acknowledged = [...output.matchAll(/^stored (.+)$/gm)].map((match) => match[1])
    expect(acknowledged.length).toBeGreaterThan(30)
    expect(keys).toEqual(expect.arrayContaining(acknowledged))
  })

  it('loses what dead writers left after an hour, and not before', async () => {
    const root = newFolder()
    await openFolder(root)
    const [old, young] = [join(root, '.tmp', 'old'), join(root, '.tmp', 'young')]
    await writeFile(old, 'x')
    await writeFile(young, 'x')
    await utimes(old, new Date(), new Date(Date.now() - HOUR_MS - 60_000))
    await utimes(young, new Date(), new Date(Date.now() - HOUR_MS + 60_000))
    const store = await openFolder(root)
    expect(await readdir(join(root, '.tmp'))).toEqual(['young'])
    expect(await keysOf(store)).toEqual([])
  })
})

describe('a folder', () => {
  it('is not made anew under a running store when its disk goes away', async () => {
    const root = newFolder()
    const store = await openFolder(root)
    await rm(root, { recursive: true })
    const put = store.put('a/b', Uint8Array.of(1))
    await expect(put).rejects.toMatchObject({ kind: 'unavailable' })
    expect(await readdir(dir)).not.toContain(root.slice(dir.length + 1))
  })

  it('shows no files that cannot be its objects', async () => {
    const root = newFolder()
    const store = await openFolder(`${root}/`)
    await store.put('a/b', Uint8Array.of(1))
    await writeFile(join(root, 'a', '.hidden'), 'x')
    await writeFile(join(root, 'a', 'line\nbreak'), 'x')
    await symlink('/etc/passwd', join(root, 'a', 'link'))
    expect(await keysOf(store)).toEqual(['a/b'])
  })

  it('refuses a key that is the folder of another object or lies below one', async () => {
    const store = await openFolder(newFolder())
    await store.put('a/b', Uint8Array.of(1))
    for (const key of ['a', 'a/b/c']) {
      const put = store.put(key, Uint8Array.of(2))
      await expect(put).rejects.toMatchObject({ name: 'Error' })
    }
    expect(await keysOf(store)).toEqual(['a/b'])
  })

  it('ends waiting calls at once when their signal aborts', async () => {
    const store = await openObjectStore({
      url: pathToFileURL(newFolder()).href,
      concurrency: 1,
    })
    const controller = new AbortController()
    const reason = new Error('enough')
    const body = new Uint8Array(8 * MEBIBYTE)
    const { signal } = controller
    const puts = ['a', 'b', 'c'].map(async (key) => await store.put(key, [body], { signal }))
    controller.abort(reason)
    for (const outcome of await Promise.allSettled(puts)) {
      expect(outcome).toEqual({ status: 'rejected', reason })
    }
    await store.put('d', Uint8Array.of(1)) // Waits for what the first put has still to clean up.
    expect(await keysOf(store)).toEqual(['d'])
  })
})

function newFolder(): string {
  stores += 1
  return join(dir, `store-${stores}`)
}

async function openFolder(path: string): Promise<ObjectStore> {
  return await openObjectStore({ url: pathToFileURL(path).href })
}

async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  return keys
}
