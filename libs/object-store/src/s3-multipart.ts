import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3'
import { bodyParts, bodySize, type BodyPart } from './body.ts'
import { withSignal } from './calls.ts'
import { MD5_METADATA } from './s3-answer.ts'
import { partCommand, type Target } from './s3-client.ts'
import { errorName, httpStatus } from './s3-errors.ts'
import type { ObjectBody } from './types.ts'

/** What S3 puts together to one object. */
const PARTS_MAX = 10_000
/** Parts of one put under way; of each at most 256 KiB of a file are in memory. */
const PARTS_AT_ONCE = 4
/** Putting an object together takes servers longer the more parts it has. */
const COMPLETE_MS_PER_PART = 250
/** An upload that cannot be given up in this time is left to the life-cycle rule of the bucket. */
const ABANDON_TIMEOUT_MS = 5_000

/** A body to store in parts. */
export interface PartedPut {
  readonly client: S3Client
  readonly target: Target
  readonly body: ObjectBody
  /** The size of a part; larger when 10,000 of this size do not hold the body. */
  readonly partBytes: number
  /** Of an attempt of a request without a body. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** What is known once all parts were sent. */
export interface PartedPutResult {
  /** The MD5 of the whole body in hex; the object carries it as metadata. */
  readonly md5: string
  /** False: the upload is gone, as after an earlier attempt to complete it whose answer was lost. */
  readonly isConfirmed: boolean
}

/**
 * Stores a body in parts; there is no object, or the old one, until all parts are there. Parts are read
 * from a file while they are sent, each attempt anew.
 *
 * When a part fails or the signal aborts, the upload is given up and its parts are deleted, as far as the
 * server can be reached. What a process that died leaves is a matter for the bucket's life-cycle rule.
 *
 * @throws what the SDK throws.
 */
export async function putInParts(put: PartedPut): Promise<PartedPutResult> {
  const { client, target, body, signal } = put
  const { md5, parts } = await bodyParts(body, partSize(bodySize(body), put.partBytes), signal)
  const Metadata = { [MD5_METADATA]: md5 }
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...target, Metadata }),
    { abortSignal: signal },
  )
  if (UploadId === undefined) throw new Error('the upload has no id')
  let Parts: CompletedPart[]
  try {
    Parts = await sendParts(put, UploadId, parts)
  } catch (error) {
    await abandon(put, UploadId)
    throw error
  }
  return { md5, isConfirmed: await complete(put, UploadId, Parts) }
}

/** The size of the parts of a body: `partBytes`, or so many more that 10,000 parts hold it. */
export function partSize(sizeBytes: number, partBytes: number): number {
  return Math.max(partBytes, Math.ceil(sizeBytes / PARTS_MAX))
}

async function sendParts(
  { client, target, body, signal }: PartedPut,
  UploadId: string,
  parts: readonly BodyPart[],
): Promise<CompletedPart[]> {
  const failed = new AbortController()
  const abortSignal = AbortSignal.any([signal, failed.signal])
  const sent: CompletedPart[] = []
  const queue = parts.entries()
  const sendSome = async (): Promise<void> => {
    for (const [index, part] of queue) {
      const PartNumber = index + 1
      const command = partCommand({ ...target, UploadId, PartNumber }, body, part)
      const { ETag } = await withSignal(abortSignal, async () => {
        return await client.send(command, { abortSignal })
      })
      sent[index] = { PartNumber, ETag }
    }
  }
  const senders = Array.from({ length: PARTS_AT_ONCE }, async () => {
    await sendSome().catch((error: unknown) => failed.abort(error))
  })
  await Promise.all(senders)
  failed.signal.throwIfAborted() // With the first error.
  return sent
}

/** @returns whether the server confirmed it; false when it knows no such upload (any more). */
async function complete(
  put: PartedPut,
  UploadId: string,
  Parts: CompletedPart[],
): Promise<boolean> {
  const { client, target, timeoutMs, signal } = put
  const command = new CompleteMultipartUploadCommand({
    ...target,
    UploadId,
    MultipartUpload: { Parts },
  })
  const requestTimeout = timeoutMs + Parts.length * COMPLETE_MS_PER_PART
  try {
    await client.send(command, { abortSignal: signal, requestTimeout })
    return true
  } catch (error) {
    if (errorName(error) === 'NoSuchUpload') return false
    // Only after a refusal: a server that may still be at it must not lose the parts meanwhile.
    const status = httpStatus(error) ?? 0
    if (status >= 400 && status < 500) await abandon(put, UploadId)
    throw error
  }
}

/** Deletes the parts that were sent; not on the signal of the put, which may have aborted. */
async function abandon({ client, target }: PartedPut, UploadId: string): Promise<void> {
  const abortSignal = AbortSignal.timeout(ABANDON_TIMEOUT_MS)
  try {
    await withSignal(abortSignal, async () => {
      const command = new AbortMultipartUploadCommand({ ...target, UploadId })
      return await client.send(command, { abortSignal })
    })
  } catch {
    // What the put failed of says more; the parts stay until the bucket's rule removes them.
  }
}
