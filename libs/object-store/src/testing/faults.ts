import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** What goes wrong with a request. */
export type Fault =
  /** Answered with this status; the server never sees it. `code` is S3's name, default `ServiceUnavailable`. */
  | { readonly kind: 'status'; readonly status: number; readonly code?: string }
  /** Answered with this; the server never sees it. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  /** Handed on after so many milliseconds. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The connection is reset; the server never sees the request. */
  | { readonly kind: 'reset' }
  /** Never answered; the server never sees it. */
  | { readonly kind: 'black-hole' }
  /** The server does the work; its answer never comes. */
  | { readonly kind: 'answer-lost' }
  /** The server does the work; the connection is reset instead of its answer. */
  | { readonly kind: 'answer-reset' }
  /** The answer's body ends after so many bytes, with its connection; its head announces all. */
  | { readonly kind: 'truncated'; readonly bytes: number }
  /** Head and body of the answer agree on so many bytes fewer than the object has. */
  | { readonly kind: 'short'; readonly bytes: number }
  /** Head and body of the answer agree on so many bytes more. */
  | { readonly kind: 'long'; readonly bytes: number }
  /** The body stalls after so many bytes and the connection stays open. */
  | { readonly kind: 'stalled'; readonly bytes: number }
  /** One bit in the middle of the answer's body is another. */
  | { readonly kind: 'wrong-bytes' }
  /** The answer carries the range after the one asked for. */
  | { readonly kind: 'wrong-range' }
  /** One bit in the middle of the request's body is another when it reaches the server. */
  | { readonly kind: 'wrong-request-bytes' }
  /** The server gets half of the request's body, then the connection ends on both sides. */
  | { readonly kind: 'half-request' }

/** An answer of the server, read whole. */
export interface WholeAnswer {
  readonly head: IncomingMessage
  readonly body: Buffer
}

/** Answers without asking the server. True when it was that kind of fault. */
export function answerInstead(fault: Fault | undefined, response: ServerResponse): boolean {
  if (fault?.kind === 'reset') response.socket?.resetAndDestroy()
  else if (fault?.kind === 'status') {
    const code = fault.code ?? 'ServiceUnavailable'
    response.writeHead(fault.status, { 'content-type': 'application/xml' })
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>fault</Message></Error>`)
  } else if (fault?.kind === 'answer') {
    response.writeHead(fault.status, { 'content-type': 'application/xml' })
    response.end(fault.body)
  } else return fault?.kind === 'black-hole'
  return true
}

/** Hands the server's answer on, with the fault in it. */
export function answerWith(
  fault: Fault | undefined,
  { head, body }: WholeAnswer,
  response: ServerResponse,
): void {
  const status = head.statusCode ?? 502
  const send = (bytes: Buffer, headers: OutgoingHttpHeaders = {}): void => {
    response.writeHead(status, { ...plainHeaders(head), ...headers })
    response.end(bytes)
  }
  switch (fault?.kind) {
    case 'answer-lost':
      return
    case 'answer-reset':
      response.socket?.resetAndDestroy()
      return
    case 'truncated':
    case 'stalled':
      response.writeHead(status, { ...plainHeaders(head), 'content-length': body.byteLength })
      response.write(body.subarray(0, fault.bytes), () => {
        if (fault.kind === 'truncated') response.socket?.destroy()
      })
      return
    case 'short':
      send(body.subarray(0, Math.max(0, body.byteLength - fault.bytes)))
      return
    case 'long':
      send(Buffer.concat([body, Buffer.alloc(fault.bytes, 0x78)]))
      return
    case 'wrong-bytes':
      send(withFlippedBit(body))
      return
    case 'wrong-range':
      send(body, { 'content-range': nextRange(head.headers['content-range']) })
      return
    case undefined:
    case 'delay':
    case 'wrong-request-bytes':
    case 'half-request':
    case 'status':
    case 'answer':
    case 'reset':
    case 'black-hole':
      response.writeHead(status, head.headers)
      response.end(body)
  }
}

/** A copy with one other bit in the middle. */
export function withFlippedBit(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const middle = copy.byteLength >> 1
  const byte = copy[middle]
  if (byte !== undefined) copy[middle] = byte ^ 1
  return copy
}

/** The head without the lengths, which the fault decides. */
function plainHeaders({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const { 'content-length': _length, 'transfer-encoding': _encoding, ...others } = headers
  return others
}

function nextRange(range: string | undefined): string {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range ?? '') ?? []
  return `bytes ${Number(first) + 1}-${Number(last) + 1}/${total}`
}
