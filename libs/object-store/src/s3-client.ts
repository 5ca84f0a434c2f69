import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import {
  DeleteObjectsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  type _Object,
} from '@aws-sdk/client-s3'
import type { FinalizeRequestMiddleware, MiddlewareStack } from '@smithy/types'
import { bodyMd5, bodySize, openBody, type BodyPart } from './body.ts'
import { attemptHandler } from './s3-attempt.ts'
import { MD5_METADATA } from './s3-answer.ts'
import type { S3Settings } from './settings.ts'
import type { ObjectBody } from './types.ts'

/** An object of a listing, as the SDK has it. */
export type ListedObject = _Object

/** An object, as commands name it. */
export interface Target {
  readonly Bucket: string
  readonly Key: string
}

/** Makes the SDK's client: its credential chain and its retry, our handler for one attempt. */
export function createS3Client(settings: S3Settings): S3Client {
  const { endpoint, region, forcePathStyle, attempts, credentials } = settings
  return new S3Client({
    region,
    forcePathStyle,
    maxAttempts: attempts,
    retryMode: 'standard',
    requestHandler: attemptHandler(settings),
    // Servers other than AWS refuse or ignore the newer checksums; Content-MD5 is known to all.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false, // It would cost a connection of its own per put.
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  })
}

/** Makes the command for a put; every attempt opens the body anew, so that a file can be sent again. */
export async function putCommand(target: Target, body: ObjectBody): Promise<PutObjectCommand> {
  const md5 = await bodyMd5(body)
  const command = new PutObjectCommand({
    ...target,
    ContentLength: bodySize(body),
    ContentMD5: md5.base64,
    Metadata: { [MD5_METADATA]: md5.hex },
  })
  sendBody(command.middlewareStack, () => openBody(body))
  return command
}

/** Makes the command for one part of an upload; every attempt opens it anew. */
export function partCommand(
  target: Target & { UploadId: string; PartNumber: number },
  body: ObjectBody,
  part: BodyPart,
): UploadPartCommand {
  const ContentLength = part.end - part.start
  const command = new UploadPartCommand({ ...target, ContentLength, ContentMD5: part.md5 })
  sendBody(command.middlewareStack, () => openBody(body, part))
  return command
}

/** Makes the command for one batch; adds the Content-MD5 that servers other than AWS insist on. */
export function deleteCommand(bucket: string, keys: readonly string[]): DeleteObjectsCommand {
  const command = new DeleteObjectsCommand({
    Bucket: bucket,
    Delete: { Quiet: true, Objects: keys.map((Key) => ({ Key })) },
  })
  command.middlewareStack.add(
    (next) => async (args) => {
      const { request } = args
      if (isRequest(request) && typeof request.body === 'string') {
        request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64')
      }
      return await next(args)
    },
    { name: 'contentMd5', step: 'build', priority: 'low' },
  )
  return command
}

/** Gives every attempt a copy: the SDK does not try again when it sees a stream in its own request. */
function sendBody<Input extends object, Output extends object>(
  stack: MiddlewareStack<Input, Output>,
  open: () => Readable,
): void {
  const send: FinalizeRequestMiddleware<Input, Output> = (next) => async (args) =>
    await next({ ...args, request: withBody(args.request, open()) })
  const relation = 'after'
  stack.addRelativeTo(send, { name: 'sendBody', relation, toMiddleware: 'retryMiddleware' })
}

function withBody(request: unknown, body: Readable): unknown {
  return isRequest(request) ? { ...request, body } : request
}

function isRequest(value: unknown): value is { headers: Record<string, string>; body?: unknown } {
  return typeof value === 'object' && value !== null && 'headers' in value
}
