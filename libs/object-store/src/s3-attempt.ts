import { Readable } from 'node:stream'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import pLimit from 'p-limit'
import { withSignal } from './calls.ts'
import { startDeadline, transferMs, type Deadline } from './deadline.ts'
import { assertAnswer, BadAnswerError } from './s3-answer.ts'
import type { S3Settings } from './settings.ts'

type HttpRequest = Parameters<NodeHttpHandler['handle']>[0]
type Answer = Awaited<ReturnType<NodeHttpHandler['handle']>>
interface AttemptOptions {
  readonly abortSignal?: AbortSignal | undefined
  /** Milliseconds instead of the `timeoutMs` of the store. */
  readonly requestTimeout?: number | undefined
}

/** Until a connection stands; far longer than any healthy network takes. */
const CONNECTION_TIMEOUT_MS = 5_000
/** Bounds answers that are no object (a listing of 1,000 keys is at most about 2 MB). */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024

/** The bytes behind the streams that the SDK is given; a second copy would double the time of a read. */
const bodyBytes = new WeakMap<object, Uint8Array>()

/** The bytes of an answer whose body {@link attemptHandler} has read. */
export function bytesOf(body: object | undefined): Uint8Array {
  const bytes = body === undefined ? undefined : bodyBytes.get(body)
  if (bytes === undefined) throw new Error('the SDK gave back another body than it was given')
  return bytes
}

/**
 * Makes the handler that sends one attempt. It lies inside the SDK's retry, so that everything that can
 * go wrong with one attempt is tried again by the SDK: it waits for a place among `concurrency`, ends
 * the attempt after `timeoutMs` plus the time its bytes may take, reads the answer to its end and
 * checks that it is what was asked for.
 */
export function attemptHandler({ concurrency, timeoutMs }: S3Settings) {
  const agent = { keepAlive: true, maxSockets: concurrency }
  const http = new NodeHttpHandler({
    httpAgent: agent,
    httpsAgent: agent,
    connectionTimeout: Math.min(CONNECTION_TIMEOUT_MS, timeoutMs),
    socketTimeout: 0, // The attempt has its own limit.
  })
  const limit = pLimit(concurrency)
  return {
    metadata: http.metadata,
    destroy: () => http.destroy(),
    updateHttpClientConfig: http.updateHttpClientConfig.bind(http),
    httpHandlerConfigs: http.httpHandlerConfigs.bind(http),
    async handle(request: HttpRequest, options: AttemptOptions = {}): Promise<Answer> {
      const { abortSignal: signal, requestTimeout = timeoutMs } = options
      return await withSignal(signal, async () => {
        return await limit(
          async () => await attempt({ http, timeoutMs: requestTimeout, signal }, request),
        )
      })
    },
  }
}

async function attempt(
  {
    http,
    timeoutMs,
    signal,
  }: { http: NodeHttpHandler; timeoutMs: number; signal?: AbortSignal | undefined },
  request: HttpRequest,
): Promise<Answer> {
  const deadline = startDeadline(timeoutMs + transferMs(request.headers['content-length']))
  const abortSignal =
    signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal])
  try {
    signal?.throwIfAborted()
    return await withSignal(abortSignal, async () => {
      return await exchange({ http, deadline, abortSignal }, request)
    })
  } catch (cause) {
    if (!deadline.signal.aborted || signal?.aborted === true) throw cause
    const late = new Error(`no complete answer after ${deadline.limitMs()} ms`, { cause })
    throw Object.assign(late, { name: 'TimeoutError' }) // The name the SDK tries again for.
  } finally {
    deadline.end()
    if (request.body instanceof Readable) request.body.destroy()
  }
}

async function exchange(
  {
    http,
    deadline,
    abortSignal,
  }: { http: NodeHttpHandler; deadline: Deadline; abortSignal: AbortSignal },
  request: HttpRequest,
): Promise<Answer> {
  const sent = http.handle(request, { abortSignal })
  const { response } = await Promise.race([sent, bodyFailure(request.body)])
  const isObject = request.headers['range'] !== undefined && response.statusCode === 206
  if (isObject) deadline.extend(transferMs(response.headers['content-length']))
  const bytes = await readAll(response.body, isObject ? Number.POSITIVE_INFINITY : ANSWER_BYTES_MAX)
  assertAnswer(request, { statusCode: response.statusCode, headers: response.headers, bytes })
  const body = Readable.from([bytes], { objectMode: false })
  bodyBytes.set(body, bytes)
  response.body = body
  return { response }
}

/** Rejects when the body cannot be read from its file; the HTTP client alone would wait for more of it. */
async function bodyFailure(body: unknown): Promise<never> {
  return await new Promise<never>((_resolve, reject) => {
    if (body instanceof Readable) body.once('error', reject)
  })
}

async function readAll(body: unknown, bytesMax: number): Promise<Uint8Array> {
  if (!(body instanceof Readable)) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  try {
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('a body of bytes was expected')
      sizeBytes += chunk.byteLength
      if (sizeBytes > bytesMax) throw new BadAnswerError(`an answer over ${bytesMax} bytes`)
      chunks.push(chunk)
    }
  } finally {
    body.destroy()
  }
  const bytes = new Uint8Array(sizeBytes)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}
