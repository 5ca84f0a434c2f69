import { setTimeout as sleep } from 'node:timers/promises'
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib'
import { Hono } from 'hono'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { QueryEnv } from '../app-types.ts'
import { compress } from './compress.ts'
import { acceptedEncoding } from './encodings.ts'
import { DECODERS } from '../testing/decoders.ts'

const TEXT = 'somebody said something worth the reading\n'.repeat(50)

const STREAM_DECODERS = {
  zstd: createZstdDecompress,
  br: createBrotliDecompress,
  gzip: createGunzip,
  deflate: createInflate,
} as const

/** What a route answers, behind the middleware. */
async function answerOf(
  answer: Response,
  acceptEncoding = 'zstd',
  method = 'GET',
): Promise<Response> {
  const app = new Hono<QueryEnv>().use(compress()).get('/', () => answer)
  return await app.request('/', { method, headers: { 'accept-encoding': acceptEncoding } })
}

const textAnswer = (body: ConstructorParameters<typeof Response>[0], headers = {}): Response =>
  new Response(body, { headers: { 'content-type': 'text/plain', ...headers } })

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('the encoding', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['deflate, gzip', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['zstd;q=0.5, gzip;q=0.9', 'gzip'],
    ['zstd;q=0, *', 'br'],
    ['*;q=0.1', 'zstd'],
    ['*;q=0', undefined],
    ['gzip;q=0', undefined],
    ['compress, x', undefined],
  ])('of Accept-Encoding %s is %s', (header, expected) => {
    expect(acceptedEncoding(header)).toBe(expected)
  })

  it('is one that we have, whatever is asked (S1)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (header) => {
        expect([undefined, 'zstd', 'br', 'gzip', 'deflate']).toContain(acceptedEncoding(header))
      }),
    )
  })
})

describe('a compressed answer', () => {
  it.each(['zstd', 'br', 'gzip', 'deflate'] as const)('in %s is the answer', async (encoding) => {
    const response = await answerOf(textAnswer(TEXT, { 'content-length': TEXT.length }), encoding)
    expect(response.headers.get('content-encoding')).toBe(encoding)
    expect(response.headers.get('content-length')).toBe(null)
    expect(response.headers.get('vary')).toBe('Accept-Encoding')
    const body = Buffer.from(await response.arrayBuffer())
    expect(body.length).toBeLessThan(TEXT.length / 5)
    expect(DECODERS[encoding](body).toString()).toBe(TEXT)
  })

  it.each(['zstd', 'br', 'gzip', 'deflate'] as const)(
    'in %s is what was streamed, in whatever pieces',
    async (encoding) => {
      const piece = fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.nat(600_000).map((length) => new Uint8Array(length).fill(length)),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
          const response = await answerOf(textAnswer(ReadableStream.from(pieces)), encoding)
          const body = Buffer.from(await response.arrayBuffer())
          const isEncoded = response.headers.has('content-encoding')
          const plain = isEncoded ? DECODERS[encoding](body) : body
          expect(plain.equals(Buffer.concat(pieces))).toBe(true)
        }),
        { numRuns: 25 },
      )
    },
  )

  it('has a tag of its own', async () => {
    const response = await answerOf(textAnswer(TEXT, { etag: '"abc"' }))
    expect(response.headers.get('etag')).toBe('"abc-zstd"')
  })
})

describe('an answer is left as it is', () => {
  it.each([
    ['below 32 bytes', textAnswer('x'.repeat(31))],
    ['of no bytes', textAnswer('')],
    ['of events', textAnswer(TEXT, { 'content-type': 'text/event-stream' })],
    ['that is an image', textAnswer(TEXT, { 'content-type': 'image/png' })],
    ['that may not be changed', textAnswer(TEXT, { 'cache-control': 'no-transform, max-age=1' })],
    ['that is encoded', textAnswer(TEXT, { 'content-encoding': 'x' })],
  ])('%s', async (_, answer) => {
    const response = await answerOf(answer, 'zstd, br, gzip, deflate')
    expect(response.headers.get('content-encoding') ?? 'x').toBe('x')
    expect((await response.text()).length).toBeOneOf([0, 31, TEXT.length])
  })

  it('to a client that takes no encoding, and says that it depends on that', async () => {
    const response = await answerOf(textAnswer(TEXT, { vary: 'Accept' }), 'identity')
    expect(response.headers.get('content-encoding')).toBe(null)
    expect(response.headers.get('vary')).toBe('Accept, Accept-Encoding')
    expect(await response.text()).toBe(TEXT)
  })

  it('to HEAD, without reading the body', async () => {
    let pulls = 0
    const body = new ReadableStream(
      {
        pull: () => {
          pulls += 1
        },
      },
      { highWaterMark: 0 },
    )
    const response = await answerOf(textAnswer(body), 'zstd', 'HEAD')
    expect([response.status, pulls, response.headers.get('vary')]).toEqual([
      200,
      0,
      'Accept-Encoding',
    ])
  })
})

describe('a compressed stream', () => {
  it.each(['zstd', 'br', 'gzip', 'deflate'] as const)(
    'in %s hands over all of a batch before the next one is read',
    async (encoding) => {
      const { body, seen } = slowBody([TEXT, TEXT, TEXT])
      const response = await answerOf(textAnswer(body), encoding)
      const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader()
      const value = (await reader?.read())?.value
      const decoder = STREAM_DECODERS[encoding]()
      let got = ''
      decoder.on('data', (piece: Buffer) => {
        got += piece.toString()
      })
      await new Promise((resolve) => decoder.write(value, resolve))
      expect(got).toBe(TEXT)
      expect(seen.pulls).toBe(1)
      decoder.destroy()
    },
  )

  it('reads nothing ahead of its reader', async () => {
    const { body, seen } = slowBody([TEXT, TEXT, TEXT])
    const response = await answerOf(textAnswer(body))
    const reader = response.body?.getReader()
    await sleep(20)
    expect(seen.pulls).toBe(1)
    await reader?.read()
    await sleep(20)
    expect(seen.pulls).toBe(1)
    await reader?.read()
    expect(seen.pulls).toBe(2)
  })

  it('gives up its source at once, also one that is being read', async () => {
    const { body, seen } = slowBody([TEXT, TEXT])
    const response = await answerOf(textAnswer(body))
    await response.body?.cancel()
    expect(seen.isCancelled).toBe(true)

    let isCancelled = false
    const stuck = new ReadableStream({
      start: (controller) => {
        controller.enqueue(bytes(TEXT))
      },
      pull: () => new Promise(() => undefined),
      cancel: () => {
        isCancelled = true
      },
    })
    const reader = (await answerOf(textAnswer(stuck))).body?.getReader()
    await reader?.read()
    const pending = reader?.read()
    await reader?.cancel()
    expect([isCancelled, (await pending)?.done]).toEqual([true, true])
  })

  it('fails when its source does, and never ends as if it were whole', async () => {
    let pulls = 0
    const failing = new ReadableStream({
      pull(controller) {
        pulls += 1
        if (pulls > 2) throw new Error('a segment is damaged')
        controller.enqueue(bytes(TEXT))
      },
    })
    const response = await answerOf(textAnswer(failing))
    await expect(response.arrayBuffer()).rejects.toThrow('a segment is damaged')
  })
})

/** A body of pieces of which each is given when it is asked for. */
function slowBody(pieces: readonly string[]) {
  const seen = { pulls: 0, isCancelled: false }
  const body = new ReadableStream(
    {
      pull(controller) {
        const piece = pieces[seen.pulls]
        seen.pulls += 1
        if (piece === undefined) controller.close()
        else controller.enqueue(bytes(piece))
      },
      cancel() {
        seen.isCancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { body, seen }
}
