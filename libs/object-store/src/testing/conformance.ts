import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, asyncProperty, integer, oneof, uniqueArray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareKeys, isKey } from '../keys.ts'
import type { ObjectInfo, ObjectStore } from '../types.ts'

const MEBIBYTE = 1024 * 1024
const BAD_KEYS = ['', '/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'a/./b', 'a/..', '.tmp/a']
  .concat(['a\0b', 'a\nb', 'a\u007Fb', 'a\\b', 'a\uD800b', 'a\uFFFFb', 'x'.repeat(256)])
  .concat(['0123456789/'.repeat(90) + 'a'])
const PUTS_AT_ONCE = 16

/**
 * Registers what every store must do as vitest tests.
 *
 * @param create Opens an empty store; called once a test. The suite closes it.
 */
export function objectStoreConformance(name: string, create: () => Promise<ObjectStore>): void {
  const using = (test: (store: ObjectStore) => Promise<void>) => async (): Promise<void> => {
    const store = await create()
    try {
      await test(store)
    } finally {
      await store.close()
    }
  }
  describe(`${name} as an ObjectStore`, () => {
    puts(using)
    gets(using)
    lists(using)
    deletes(using)
    refuses(using)
    aborts(using)
  })
}

type Using = (test: (store: ObjectStore) => Promise<void>) => () => Promise<void>

function puts(using: Using): void {
  it(
    'gives back bytes, pieces and a file as they were put',
    using(async (store) => {
      const bytes = pattern(3 * MEBIBYTE + 17)
      await store.put('kinds/bytes', bytes)
      await store.put('kinds/pieces', [bytes.subarray(0, 5), bytes.subarray(5), new Uint8Array()])
      await inFile(bytes, async (path) => {
        await store.put('kinds/file', { path, sizeBytes: bytes.byteLength })
      })
      for (const key of ['kinds/bytes', 'kinds/pieces', 'kinds/file']) {
        expect(await store.size(key)).toBe(bytes.byteLength)
        expect(isSame(await store.get(key), bytes)).toBe(true)
      }
    }),
  )

  it(
    'gives back a large file, bytes and pieces as they were put, also over another object',
    using(async (store) => {
      const bytes = pattern(5 * MEBIBYTE + 17)
      await store.put('large', pattern(100))
      await inFile(bytes, async (path) => {
        await store.put('large', { path, sizeBytes: bytes.byteLength })
      })
      expect(isSame(await store.get('large'), bytes)).toBe(true)
      expect(keysOf(await all(store.list('')))).toEqual(['large'])
      for (const start of [0, MEBIBYTE - 1, 3 * MEBIBYTE + 5, bytes.byteLength - 3]) {
        const end = Math.min(start + MEBIBYTE, bytes.byteLength)
        const found = await store.get('large', { range: { start, end } })
        expect(isSame(found, bytes.subarray(start, end))).toBe(true)
      }
      const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 4 * MEBIBYTE)]
      await store.put('large', [...pieces, bytes.subarray(4 * MEBIBYTE)])
      expect(isSame(await store.get('large'), bytes)).toBe(true)
      await store.put('large', bytes.subarray(1))
      expect(isSame(await store.get('large'), bytes.subarray(1))).toBe(true)
    }),
  )

  it(
    'keeps empty objects of every kind of body',
    using(async (store) => {
      await store.put('empty/bytes', new Uint8Array())
      await store.put('empty/pieces', [])
      await inFile(new Uint8Array(), async (path) => {
        await store.put('empty/file', { path, sizeBytes: 0 })
      })
      for (const key of ['empty/bytes', 'empty/pieces', 'empty/file']) {
        expect(await store.get(key)).toEqual(new Uint8Array())
        expect(await store.size(key)).toBe(0)
      }
    }),
  )

  it(
    'replaces an object whole, and one of two puts at once wins whole',
    using(async (store) => {
      await store.put('a/b', pattern(10_000))
      await store.put('a/b', Uint8Array.of(1))
      expect(await store.get('a/b')).toEqual(Uint8Array.of(1))
      const bodies = [1, 2, 3, 4].map((value) => new Uint8Array(100_000).fill(value))
      await Promise.all(bodies.map(async (body) => await store.put('a/b', body)))
      const found = await store.get('a/b')
      expect(bodies.some((body) => isSame(found, body))).toBe(true)
    }),
  )

  it(
    'keeps what was put when the caller uses the memory again',
    using(async (store) => {
      const bytes = Uint8Array.of(1, 2, 3)
      await store.put('memory', bytes)
      bytes.fill(9)
      const found = await store.get('memory')
      expect(found).toEqual(Uint8Array.of(1, 2, 3))
      found?.fill(7)
      expect(await store.get('memory')).toEqual(Uint8Array.of(1, 2, 3))
    }),
  )

  it(
    'stores nothing of a file that is missing or has another size than said',
    using(async (store) => {
      await inFile(pattern(100), async (path) => {
        const wrong = store.put('file', { path, sizeBytes: 101 })
        await expect(wrong).rejects.toThrow('100 bytes, not 101')
        const missing = store.put('file', { path: `${path}-not`, sizeBytes: 1 })
        await expect(missing).rejects.toThrow('cannot be read')
      })
      expect(await store.get('file')).toBeUndefined()
    }),
  )
}

function gets(using: Using): void {
  it(
    'answers undefined for what is not there',
    using(async (store) => {
      await store.put('folder/object', Uint8Array.of(1))
      for (const key of ['nothing', 'folder', 'folder/object/below', 'folder/other']) {
        expect(await store.get(key)).toBeUndefined()
        expect(await store.get(key, { range: { start: 0, end: 0 } })).toBeUndefined()
        expect(await store.get(key, { range: { start: 2, end: 5 } })).toBeUndefined()
        expect(await store.size(key)).toBeUndefined()
      }
    }),
  )

  it(
    'reads exactly the bytes of a range, cut at the end of the object',
    using(async (store) => {
      const bytes = pattern(1_000)
      await store.put('ranged', bytes)
      const ranges = [
        [0, 1_000],
        [0, 1],
        [999, 1_000],
        [10, 20],
        [990, 1_010],
        [0, 5_000],
        [5, 5],
        [0, 0],
        [1_000, 1_000],
        [1_000, 1_001],
        [7_000, 8_000],
        [7_000, 7_000],
      ] as const
      for (const [start, end] of ranges) {
        const found = await store.get('ranged', { range: { start, end } })
        expect({ start, end, found }).toEqual({ start, end, found: bytes.slice(start, end) })
      }
    }),
  )

  it(
    'answers every range of an empty object with no bytes',
    using(async (store) => {
      await store.put('empty', new Uint8Array())
      for (const range of [
        { start: 0, end: 0 },
        { start: 0, end: 1 },
        { start: 5, end: 9 },
      ]) {
        expect(await store.get('empty', { range })).toEqual(new Uint8Array())
      }
    }),
  )
}

function lists(using: Using): void {
  it(
    'lists in the order of the bytes of the keys, with sizes and times',
    using(async (store) => {
      // "." and "-" sort before "/", "0" after it; U+FFFD sorts before U+1F600 in bytes only.
      const keys = [
        'a.x',
        'a/b',
        'a-c',
        'a0',
        'a/b0',
        'A',
        'é',
        '\uFFFD',
        '\u{1F600}',
        'a b',
        'a+b',
        'a%2Fb',
      ]
      const beforeMs = Date.now()
      await putAll(store, keys)
      const found = await all(store.list(''))
      expect(found.map(({ key }) => key)).toEqual(keys.toSorted(compareKeys))
      for (const { key, sizeBytes, modifiedAtMs } of found) {
        expect(sizeBytes).toBe(Buffer.byteLength(key))
        expect(Math.abs(modifiedAtMs - beforeMs)).toBeLessThan(60_000)
      }
    }),
  )

  it(
    'lists only what begins with the prefix, wherever that ends',
    using(async (store) => {
      const keys = ['day=1/a', 'day=1/b/c', 'day=10/a', 'day=2/a', 'day', 'other']
      await putAll(store, keys)
      for (const prefix of [
        '',
        'd',
        'day',
        'day=1',
        'day=1/',
        'day=1/b',
        'day=1/b/',
        'day=1/b/c',
        'z',
        'z/y/',
      ]) {
        const expected = keys.filter((key) => key.startsWith(prefix)).toSorted(compareKeys)
        const found = keysOf(await all(store.list(prefix)))
        expect({ prefix, found }).toEqual({ prefix, found: expected })
      }
    }),
  )

  it(
    'lists and deletes more objects than one request carries',
    using(async (store) => {
      const keys = Array.from(
        { length: 1_015 },
        (_, index) => `many/${String(index).padStart(5, '0')}`,
      )
      await putAll(store, keys)
      expect(keysOf(await all(store.list('many/')))).toEqual(keys)
      await store.deleteMany(keys.slice(5))
      expect(keysOf(await all(store.list('many/')))).toEqual(keys.slice(0, 5))
    }),
  )

  it(
    'holds any key it accepts',
    using(async (store) => {
      const character = oneof(integer({ min: 0, max: 0x7f }), integer({ min: 0x80, max: 0x10ffff }))
      const part = array(character, { minLength: 1, maxLength: 8 })
        .map((codes) => String.fromCodePoint(...codes))
        .filter(isKey)
      const key = array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
      let runs = 0
      await assert(
        asyncProperty(uniqueArray(key, { minLength: 1, maxLength: 5 }), async (found) => {
          runs += 1
          // The suffix keeps one key from being the folder of another.
          const keys = found.map((name, index) => `run-${runs}/${index}/${name}~`)
          const [prefix, sorted] = [`run-${runs}/`, keys.toSorted(compareKeys)]
          await putAll(store, keys)
          expect(keysOf(await all(store.list(prefix)))).toEqual(sorted)
          for (const name of keys)
            expect(isSame(await store.get(name), Buffer.from(name))).toBe(true)
          await store.deleteMany(keys)
          expect(await all(store.list(prefix))).toEqual([])
        }),
        { numRuns: 8 },
      )
    }),
  )
}

function deletes(using: Using): void {
  it(
    'deletes what is there and minds nothing that is not',
    using(async (store) => {
      await putAll(store, ['a/1', 'a/2', 'a/3', 'b'])
      await store.delete('a/1')
      await store.delete('a/1')
      await store.delete('a')
      await store.delete('b/below')
      await store.deleteMany([])
      await store.deleteMany(['a/2', 'nothing', 'c/nothing'])
      expect(keysOf(await all(store.list('')))).toEqual(['a/3', 'b'])
      expect(await store.get('a/2')).toBeUndefined()
    }),
  )
}

function refuses(using: Using): void {
  it(
    'refuses keys that could leave the store or that another store cannot hold (S1)',
    using(async (store) => {
      for (const key of BAD_KEYS) {
        const calls = [
          store.put(key, Uint8Array.of(1)),
          store.get(key),
          store.size(key),
          store.delete(key),
          store.deleteMany(['fine', key]),
        ]
        const names = await Promise.all(calls.map(outcomeOf))
        expect({ key, names }).toEqual({ key, names: calls.map(() => 'Error') })
      }
      for (const prefix of ['/', '..', '../', 'a/../', 'a//', '.tmp/']) {
        await expect(all(store.list(prefix))).rejects.toThrow('bad object prefix')
      }
      expect(await all(store.list(''))).toEqual([])
    }),
  )

  it(
    'refuses ranges that are none',
    using(async (store) => {
      await store.put('a', Uint8Array.of(1))
      for (const [start, end] of [
        [-1, 1],
        [2, 1],
        [0.5, 1],
        [0, Number.NaN],
        [0, Infinity],
      ] as const) {
        await expect(store.get('a', { range: { start, end } })).rejects.toThrow('bad byte range')
      }
    }),
  )
}

function aborts(using: Using): void {
  it(
    'rejects with the reason of a signal that has aborted, and changes nothing',
    using(async (store) => {
      await store.put('kept', Uint8Array.of(1))
      const reason = new Error('asked to stop')
      const options = { signal: AbortSignal.abort(reason) }
      const calls = [
        store.put('new', Uint8Array.of(1), options),
        store.get('kept', options),
        store.size('kept', options),
        store.delete('kept', options),
        store.deleteMany(['kept'], options),
        all(store.list('', options)),
      ]
      for (const call of calls) await expect(call).rejects.toBe(reason)
      expect(keysOf(await all(store.list('')))).toEqual(['kept'])
    }),
  )

  it(
    'leaves an object whole or not at all when its put is aborted',
    using(async (store) => {
      const bytes = pattern(4 * MEBIBYTE)
      for (const delayMs of [0, 1, 5]) {
        const key = `aborted/${delayMs}`
        const signal = AbortSignal.timeout(delayMs)
        const put = store.put(key, [bytes], { signal })
        const outcome = await outcomeOf(put)
        const found = await store.get(key)
        const isWhole = isSame(found, bytes)
        expect(isWhole || found === undefined).toBe(true)
        expect(isWhole ? ['done', 'TimeoutError'] : ['TimeoutError']).toContain(outcome)
      }
    }),
  )
}

function pattern(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes).map((_, index) => (index * 31 + (index >> 8)) & 0xff)
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

function keysOf(objects: readonly ObjectInfo[]): string[] {
  return objects.map(({ key }) => key)
}

/** `done`, or the name of the error. */
async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'done'
  } catch (error) {
    return error instanceof Error ? error.name : 'no error'
  }
}

/** Puts each key with its own name as the content. */
async function putAll(store: ObjectStore, keys: readonly string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += PUTS_AT_ONCE) {
    const some = keys.slice(start, start + PUTS_AT_ONCE)
    await Promise.all(some.map(async (key) => await store.put(key, Buffer.from(key))))
  }
}

async function inFile(bytes: Uint8Array, use: (path: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'poglog-body-'))
  try {
    const path = join(dir, 'body')
    await writeFile(path, bytes)
    await use(path)
  } finally {
    await rm(dir, { recursive: true })
  }
}
