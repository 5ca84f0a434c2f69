import type { ObjectBody } from '@poglog/object-store'

/** The bytes of a body that was kept in memory. */
export function bytesOf(body: ObjectBody): Uint8Array {
  if (body instanceof Uint8Array) return body
  if ('path' in body) throw new Error('the body is in a file')
  return Buffer.concat(body)
}
