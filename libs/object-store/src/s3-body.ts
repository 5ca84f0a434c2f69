import { createHash } from 'node:crypto'

/** User metadata in which a put leaves the MD5 of the object; an ETag is no MD5 under SSE-KMS. */
export const MD5_METADATA = 'md5'
const MD5_HEADER = `x-amz-meta-${MD5_METADATA}`

/** The parts of an HTTP answer that are looked at. */
export interface AnswerHead {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** Fewer or more bytes came than announced. The SDK tries again because of `$retryable`. */
export class IncompleteBodyError extends Error {
  override readonly name = 'IncompleteBodyError'
  readonly $retryable = { throttling: false }
}

/** The bytes that came are others than those asked for or stored. Tried again, then `corrupt`. */
export class DamagedBodyError extends Error {
  override readonly name = 'DamagedBodyError'
  readonly $retryable = { throttling: false }
}

/** Throws unless the body has the length that its head announces. */
export function assertLength({ headers }: AnswerHead, bytes: Uint8Array): void {
  const announced = headers['content-length']
  if (announced === undefined || Number(announced) === bytes.byteLength) return
  throw new IncompleteBodyError(`${bytes.byteLength} of ${announced} bytes came`)
}

/** Throws unless these are the bytes the `Range` header asked for, as far as that can be known. */
export function assertObjectBody(range: string, head: AnswerHead, bytes: Uint8Array): void {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range)
  if (head.statusCode === 206) assertPart(asked, head, bytes)
  else if (range !== 'bytes=0-' && bytes.byteLength > 0) {
    throw new DamagedBodyError(`the whole object came instead of ${range}`)
  }
  const totalBytes = totalOf(head.headers['content-range']) ?? bytes.byteLength
  const md5 = head.headers[MD5_HEADER]
  if (md5 === undefined || totalBytes !== bytes.byteLength) return
  if (createHash('md5').update(bytes).digest('hex') === md5) return
  throw new DamagedBodyError('the bytes do not match the MD5 of the object')
}

/** The object's size out of `bytes 0-9/100`; `undefined` where it is not told. */
export function totalOf(contentRange: string | undefined): number | undefined {
  const digits = /\/(\d{1,15})$/.exec(contentRange ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function assertPart(asked: RegExpExecArray | null, head: AnswerHead, bytes: Uint8Array): void {
  const answer = head.headers['content-range'] ?? ''
  const parts = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(answer)
  const [first, last, total] = [parts?.[1], parts?.[2], parts?.[3]].map(Number)
  if (first === undefined || last === undefined || total === undefined || Number.isNaN(first)) {
    throw new DamagedBodyError(`content-range cannot be read: ${JSON.stringify(answer)}`)
  }
  const lastAsked = asked?.[2] === '' ? total - 1 : Math.min(Number(asked?.[2]), total - 1)
  if (first !== Number(asked?.[1]) || last !== lastAsked) {
    throw new DamagedBodyError(`${answer} came for ${asked?.[0]}`)
  }
  if (bytes.byteLength !== last - first + 1) {
    throw new IncompleteBodyError(`${bytes.byteLength} bytes came for ${answer}`)
  }
}
