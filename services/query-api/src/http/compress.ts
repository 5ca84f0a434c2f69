import type { MiddlewareHandler } from 'hono'
import type { QueryEnv } from '../app-types.ts'
import { acceptedEncoding, Encoder } from './encodings.ts'
import type { Encoding } from './encodings.ts'
import { encodedTag } from './entity-tag.ts'

/** Below this an answer gets no smaller. */
const BYTES_MIN = 32
/** A batch of records is compressed and handed over in pieces, so that its first byte does not wait for its last. */
const PIECE_BYTES = 262_144
/** What must arrive event by event, and what is compressed already. */
const LEFT_ALONE =
  /^\s*(?:text\/event-stream|image\/(?!svg)|audio\/|video\/|font\/woff|application\/(?:zip|gzip|zstd))/i
const NO_TRANSFORM = /(?:^|,)\s*no-transform\s*(?:,|$)/i

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>

/**
 * Compresses answers as `Accept-Encoding` asks, while they stream: everything that a batch becomes goes out with the
 * batch, and the next one is read when the client has taken it.
 */
export function compress(): MiddlewareHandler<QueryEnv> {
  return async (c, next) => {
    await next()
    const { res } = c
    if (!isCompressible(res)) return
    res.headers.append('vary', 'Accept-Encoding')
    const encoding = acceptedEncoding(c.req.header('accept-encoding'))
    if (encoding === undefined || res.body === null || c.req.method === 'HEAD') return
    const reader: Reader = res.body.getReader()
    const first = await reader.read()
    const isLittle = first.done || first.value.length < BYTES_MIN
    const second = isLittle ? await reader.read() : undefined
    if (first.done || second?.done === true) {
      c.res = new Response(first.value ?? null, res)
      return
    }
    const begun = second === undefined ? first.value : Buffer.concat([first.value, second.value])
    c.res = new Response(compressed({ begun, reader, encoding }), res)
    // After the assignment, which takes the old answer's headers over.
    c.res.headers.delete('content-length')
    c.res.headers.set('content-encoding', encoding)
    const tag = c.res.headers.get('etag')
    if (tag !== null) c.res.headers.set('etag', encodedTag(tag, encoding))
  }
}

function isCompressible({ headers }: Response): boolean {
  const type = headers.get('content-type')
  const length = headers.get('content-length')
  return (
    type !== null &&
    !LEFT_ALONE.test(type) &&
    !headers.has('content-encoding') &&
    !(length !== null && Number(length) < BYTES_MIN) &&
    !NO_TRANSFORM.test(headers.get('cache-control') ?? '')
  )
}

/** What has begun to be read of a body, and where to read on. */
interface Plain {
  readonly begun: Uint8Array
  readonly reader: Reader
  readonly encoding: Encoding
}

/** A plain body that fails makes this one fail; one that is read no further ends its reading at once. */
function compressed({ begun, reader, encoding }: Plain): ReadableStream<Uint8Array> {
  const encoder = new Encoder(encoding)
  let rest = begun
  let isCancelled = false
  const nextPiece = async (): Promise<Uint8Array | undefined> => {
    while (rest.length === 0) {
      const { done, value } = await reader.read()
      if (done) return undefined
      rest = value
    }
    const piece = rest.subarray(0, PIECE_BYTES)
    rest = rest.subarray(PIECE_BYTES)
    return piece
  }
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    try {
      const piece = await nextPiece()
      // A reading that was cancelled looks like one that is done.
      if (isCancelled) return
      const bytes = await (piece === undefined ? encoder.end() : encoder.add(piece))
      if (isCancelled) return
      controller.enqueue(bytes)
      if (piece === undefined) controller.close()
    } catch (error) {
      encoder[Symbol.dispose]()
      if (!isCancelled) throw error
    }
  }
  const cancel = async (reason: unknown): Promise<void> => {
    isCancelled = true
    encoder[Symbol.dispose]()
    await reader.cancel(reason)
  }
  return new ReadableStream({ pull, cancel }, { highWaterMark: 0 })
}
