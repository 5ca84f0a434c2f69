import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import {
  DeleteObjectsCommand,
  PutObjectCommand,
  S3Client,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
  type _Object,
} from '@aws-sdk/client-s3'
import type { FinalizeRequestMiddleware } from '@smithy/types'
import { bodyMd5, bodySize, openBody } from './body.ts'
import { attemptHandler } from './s3-attempt.ts'
import { MD5_METADATA } from './s3-answer.ts'
import type { S3Settings } from './settings.ts'
import type { ObjectBody } from './types.ts'

/** An object of a listing, as the SDK has it. */
export type ListedObject = _Object

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
export async function putCommand(
  target: { Bucket: string; Key: string },
  body: ObjectBody,
): Promise<PutObjectCommand> {
  const md5 = await bodyMd5(body)
  const command = new PutObjectCommand({
    ...target,
    ContentLength: bodySize(body),
    ContentMD5: md5.base64,
    Metadata: { [MD5_METADATA]: md5.hex },
  })
  // A copy: the SDK does not try again when it sees a stream in its own request.
  const sendBody: FinalizeRequestMiddleware<PutObjectCommandInput, PutObjectCommandOutput> =
    (next) => async (args) =>
      await next({ ...args, request: withBody(args.request, openBody(body)) })
  command.middlewareStack.addRelativeTo(sendBody, {
    name: 'sendBody',
    relation: 'after',
    toMiddleware: 'retryMiddleware',
  })
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

function withBody(request: unknown, body: Readable): unknown {
  return isRequest(request) ? { ...request, body } : request
}

function isRequest(value: unknown): value is { headers: Record<string, string>; body?: unknown } {
  return typeof value === 'object' && value !== null && 'headers' in value
}
