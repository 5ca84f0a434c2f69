import {
  GetObjectCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3'
import { assertBody, bodySize } from './body.ts'
import { withSignal } from './calls.ts'
import { ObjectStoreError } from './errors.ts'
import { assertKey, assertPrefix, assertRange, compareKeys, isKey } from './keys.ts'
import { bytesOf } from './s3-attempt.ts'
import { MD5_METADATA, totalOf } from './s3-answer.ts'
import { createS3Client, deleteCommand, putCommand, type ListedObject } from './s3-client.ts'
import { errorName, s3Error } from './s3-errors.ts'
import { putInParts, type PartedPutResult } from './s3-multipart.ts'
import type { S3Settings } from './settings.ts'
import type { ByteRange, CallOptions, ObjectBody, ObjectInfo, ObjectStore } from './types.ts'

/** What one DeleteObjects takes. */
const DELETE_KEYS_MAX = 1_000
/** A body of more parts than these is stored in parts; below, one request costs less. */
const WHOLE_PARTS_MAX = 4
const FIRST_BYTE: ByteRange = { start: 0, end: 1 }
/** How long opening a store waits to learn whether it may be used. */
const OPEN_TIMEOUT_MS = 5_000

/** Opens a bucket, or a prefix in it, as a store. */
export async function openS3Store(settings: S3Settings): Promise<ObjectStore> {
  const store = new S3Store(settings, createS3Client(settings))
  try {
    await store.probe()
  } catch (error) {
    if (error instanceof ObjectStoreError && error.kind === 'denied') {
      await store.close()
      throw error
    }
  }
  return store
}

interface GetAnswer {
  readonly bytes: Uint8Array
  readonly totalBytes: number
  /** Of the whole object in hex, when its put left it. */
  readonly md5?: string | undefined
}

class S3Store implements ObjectStore {
  readonly #client: S3Client
  readonly #settings: S3Settings
  readonly #bucket: string
  readonly #prefix: string
  readonly #closing = new AbortController()
  /** Puts in parts that run, or have ended for their caller and give up their upload. */
  readonly #uploads = new Set<Promise<unknown>>()

  constructor(settings: S3Settings, client: S3Client) {
    this.#client = client
    this.#settings = settings
    this.#bucket = settings.bucket
    this.#prefix = settings.prefix
  }

  /** Lists one key, to learn what the server says to these credentials. */
  async probe(): Promise<void> {
    const signal = AbortSignal.timeout(OPEN_TIMEOUT_MS)
    const input = { Bucket: this.#bucket, Prefix: this.#prefix, MaxKeys: 1 }
    await this.#run(`s3://${this.#bucket}/${this.#prefix}`, signal, async (options) => {
      return await this.#client.send(new ListObjectsV2Command(input), options)
    })
  }

  async put(key: string, body: ObjectBody, options: CallOptions = {}): Promise<void> {
    assertKey(key)
    await assertBody(body)
    if (bodySize(body) > WHOLE_PARTS_MAX * this.#settings.partBytes) {
      await this.#putInParts(key, body, options.signal)
      return
    }
    const command = await putCommand(this.#target(key), body)
    await this.#run(key, options.signal, async (sendOptions) => {
      return await this.#client.send(command, sendOptions)
    })
  }

  async get(
    key: string,
    options: CallOptions & { readonly range?: ByteRange } = {},
  ): Promise<Uint8Array | undefined> {
    assertKey(key)
    const { range, signal } = options
    if (range !== undefined) assertRange(range)
    if (range === undefined || range.end > range.start) {
      return (await this.#get(key, range, signal))?.bytes
    }
    // HTTP has no empty range; all that is left to learn is whether the object is there.
    const found = await this.#get(key, FIRST_BYTE, signal)
    return found === undefined ? undefined : new Uint8Array()
  }

  async size(key: string, options: CallOptions = {}): Promise<number | undefined> {
    assertKey(key)
    // No HEAD: its answer has no body that would tell a missing bucket from a missing object.
    return (await this.#get(key, FIRST_BYTE, options.signal))?.totalBytes
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncGenerator<ObjectInfo> {
    assertPrefix(prefix)
    let last = ''
    let token: string | undefined
    do {
      const page = await this.#page(prefix, token, options.signal)
      for (const object of page.Contents ?? []) {
        const key = this.#keyOf(page.EncodingType, object)
        if (last !== '' && compareKeys(key, last) <= 0) {
          throw new ObjectStoreError('unavailable', key, { reason: 'the listing is not in order' })
        }
        last = key
        options.signal?.throwIfAborted()
        if (isKey(key)) yield infoOf(key, object)
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined
    } while (token !== undefined)
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    assertKey(key)
    await this.#run(key, options.signal, async (sendOptions) => {
      return await this.#client.send(new DeleteObjectCommand(this.#target(key)), sendOptions)
    })
  }

  async deleteMany(keys: readonly string[], options: CallOptions = {}): Promise<void> {
    for (const key of keys) assertKey(key)
    for (let start = 0; start < keys.length; start += DELETE_KEYS_MAX) {
      await this.#deleteBatch(keys.slice(start, start + DELETE_KEYS_MAX), options.signal)
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the store was closed'))
    await Promise.allSettled(this.#uploads)
    this.#client.destroy()
  }

  async #putInParts(key: string, body: ObjectBody, signal: AbortSignal | undefined): Promise<void> {
    const closing = this.#closing.signal
    const put = await this.#run(key, signal, async () => {
      const { partBytes, timeoutMs } = this.#settings
      const upload = putInParts({
        partBytes,
        timeoutMs,
        client: this.#client,
        target: this.#target(key),
        body,
        signal: signal === undefined ? closing : AbortSignal.any([signal, closing]),
      })
      this.#uploads.add(upload)
      return await upload.finally(() => this.#uploads.delete(upload))
    })
    assertStored(
      key,
      { ...put, sizeBytes: bodySize(body) },
      await this.#get(key, FIRST_BYTE, signal),
    )
  }

  async #get(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal | undefined,
  ): Promise<GetAnswer | undefined> {
    // Also a whole get asks for a range: the answer then tells the object's size a second time.
    const Range = range === undefined ? 'bytes=0-' : `bytes=${range.start}-${range.end - 1}`
    const command = new GetObjectCommand({ ...this.#target(key), Range })
    try {
      return await this.#run(key, signal, async (options) => {
        const answer = await this.#client.send(command, options)
        const bytes = bytesOf(answer.Body)
        const totalBytes = totalOf(answer.ContentRange) ?? bytes.byteLength
        return { bytes, totalBytes, md5: answer.Metadata?.[MD5_METADATA] }
      })
    } catch (error) {
      const name = error instanceof ObjectStoreError ? errorName(error.cause) : ''
      if (name === 'NoSuchKey') return undefined
      // Beyond the end: only an empty object has no first byte.
      if (name === 'InvalidRange') return { bytes: new Uint8Array(), totalBytes: 0 }
      throw error
    }
  }

  async #page(prefix: string, token: string | undefined, signal: AbortSignal | undefined) {
    const input = {
      Bucket: this.#bucket,
      Prefix: this.#prefix + prefix,
      EncodingType: 'url' as const,
    }
    const command = new ListObjectsV2Command(
      token === undefined ? input : { ...input, ContinuationToken: token },
    )
    return await this.#run(prefix, signal, async (options) => {
      return await this.#client.send(command, options)
    })
  }

  async #deleteBatch(keys: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const names = keys.map((key) => this.#prefix + key)
    const answer = await this.#run(keys[0] ?? '', signal, async (options) => {
      return await this.#client.send(deleteCommand(this.#bucket, names), options)
    })
    const failed = (answer.Errors ?? []).filter(({ Code }) => Code !== 'NoSuchKey')
    const first = failed[0]
    if (first === undefined) return
    const cause = Object.assign(new Error(first.Message), { name: first.Code ?? 'unknown' })
    const { kind } = s3Error('', cause)
    throw new ObjectStoreError(kind, (first.Key ?? '').slice(this.#prefix.length), {
      cause,
      reason: `${failed.length} of ${keys.length} were not deleted: ${first.Code}`,
    })
  }

  #target(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + key }
  }

  #keyOf(encoding: string | undefined, { Key = '' }: ListedObject): string {
    if (encoding !== 'url') return Key.slice(this.#prefix.length)
    try {
      return decodeURIComponent(Key.replaceAll('+', ' ')).slice(this.#prefix.length)
    } catch (cause) {
      throw new ObjectStoreError('unavailable', Key, {
        cause,
        reason: 'the listing is not readable',
      })
    }
  }

  async #run<T>(
    key: string,
    signal: AbortSignal | undefined,
    send: (options: { abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    try {
      return await withSignal(signal, async () => {
        return await send(signal === undefined ? {} : { abortSignal: signal })
      })
    } catch (error) {
      throw signal?.aborted === true ? error : s3Error(key, error)
    }
  }
}

/** Throws unless a put in parts left its object, or the object of a put that came after it. */
function assertStored(
  key: string,
  put: PartedPutResult & { readonly sizeBytes: number },
  found: GetAnswer | undefined,
): void {
  const isOurs = found?.md5 === put.md5
  if (found === undefined || (!isOurs && !put.isConfirmed)) {
    const reason = 'the parts were sent, but the object is not there'
    throw new ObjectStoreError('unavailable', key, { reason })
  }
  if (found.md5 !== undefined && !isOurs) return
  if (found.totalBytes === put.sizeBytes) return
  const reason = `the object has ${found.totalBytes} bytes, not ${put.sizeBytes}`
  throw new ObjectStoreError('corrupt', key, { reason })
}

function infoOf(key: string, { Size, LastModified }: ListedObject): ObjectInfo {
  return { key, sizeBytes: Size ?? 0, modifiedAtMs: LastModified?.getTime() ?? 0 }
}
