import { createHash } from 'node:crypto'

/** User metadata in which a put leaves the MD5 of the object; an ETag is no MD5 under SSE-KMS. */
export const MD5_METADATA = 'md5'
const MD5_HEADER = `x-amz-meta-${MD5_METADATA}`

/** What is looked at of a request. */
export interface Asked {
  readonly method: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly query?: Readonly<Record<string, unknown>> | undefined
}

/** An HTTP answer, read to its end. */
export interface Answered {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly bytes: Uint8Array
}

/** No S3 server answers so, or not all of the answer came. The SDK tries again because of `$retryable`. */
export class BadAnswerError extends Error {
  override readonly name = 'BadAnswerError'
  readonly $retryable = { throttling: false }
}

/** The bytes that came are others than those asked for or stored. Tried again, then `corrupt`. */
class DamagedBodyError extends Error {
  override readonly name = 'DamagedBodyError'
  readonly $retryable = { throttling: false }
}

/**
 * Throws unless an answer is whole and is one to what was asked. The SDK checks neither: it takes the
 * page of a proxy for an empty listing, and a cut object for the object.
 */
export function assertAnswer(asked: Asked, answered: Answered): void {
  const { statusCode, headers, bytes } = answered
  if (asked.method !== 'HEAD') assertLength(answered)
  if (statusCode === 400 && textOf(bytes).includes('<Code>BadDigest</Code>')) {
    throw new DamagedBodyError('the server received other bytes than were sent')
  }
  if (statusCode < 200 || statusCode > 299) return
  const range = asked.headers['range']
  if (range !== undefined) assertObject(range, answered)
  else if (asked.method === 'PUT')
    assertThat(headers['etag'] !== undefined, 'no ETag of the object')
  else if (asked.method === 'DELETE')
    assertThat(statusCode === 204, `status ${statusCode}, not 204`)
  else assertDocument(documentFor(asked), bytes)
}

/** The object's size out of `bytes 0-9/100`; `undefined` where it is not told. */
export function totalOf(contentRange: string | undefined): number | undefined {
  const digits = /\/(\d{1,15})$/.exec(contentRange ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** The root of the document that answers a request. */
function documentFor({ method, query = {} }: Asked): string {
  if (method !== 'POST') return 'ListBucketResult'
  if ('uploads' in query) return 'InitiateMultipartUploadResult'
  return 'uploadId' in query ? 'CompleteMultipartUploadResult' : 'DeleteResult'
}

function assertLength({ headers, bytes }: Answered): void {
  const announced = headers['content-length']
  const isWhole = announced === undefined || Number(announced) === bytes.byteLength
  assertThat(isWhole, `${bytes.byteLength} of ${announced} bytes came`)
}

/** Throws unless these are the bytes that the `Range` header asked for, as far as that can be known. */
function assertObject(range: string, { statusCode, headers, bytes }: Answered): void {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range)
  const answer = headers['content-range'] ?? ''
  const parts = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(answer)
  assertThat(statusCode === 206 && parts !== null, `no part of an object came for ${range}`)
  const [first, last, total] = [Number(parts?.[1]), Number(parts?.[2]), Number(parts?.[3])]
  const lastAsked = asked?.[2] === '' ? total - 1 : Math.min(Number(asked?.[2]), total - 1)
  if (first !== Number(asked?.[1]) || last !== lastAsked) {
    throw new DamagedBodyError(`${answer} came for ${range}`)
  }
  assertThat(bytes.byteLength === last - first + 1, `${bytes.byteLength} bytes came for ${answer}`)
  const md5 = headers[MD5_HEADER]
  if (md5 === undefined || total !== bytes.byteLength) return
  if (createHash('md5').update(bytes).digest('hex') === md5) return
  throw new DamagedBodyError('the bytes do not match the MD5 of the object')
}

/** Throws unless this is an XML document with that root, from its begin to its end. */
function assertDocument(root: string, bytes: Uint8Array): void {
  const text = textOf(bytes)
  const isEmpty = new RegExp(`<${root}[^<>]*/>\\s*$`).test(text)
  const isWhole = text.includes(`<${root}`) && text.trimEnd().endsWith(`</${root}>`)
  // S3 begins to answer with 200 before it has put the parts of an object together.
  const error = /<Error>.*<Code>(\w{1,64})<\/Code>/s.exec(text)?.[1]
  assertThat(error === undefined || isEmpty || isWhole, `the error ${error} came as a success`)
  assertThat(isEmpty || isWhole, `no complete ${root} came`)
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}

function assertThat(isTrue: boolean, problem: string): void {
  if (!isTrue) throw new BadAnswerError(problem)
}
