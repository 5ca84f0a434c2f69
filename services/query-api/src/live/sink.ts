import type { ServerResponse } from 'node:http'

/** Calls it when the sink is closed, at once where it is. */
export function onClosed({ closed }: Pick<Sink, 'closed'>, call: () => void): void {
  if (closed.aborted) call()
  else closed.addEventListener('abort', call, { once: true })
}

/** Where a listener's events go. */
export interface Sink {
  /** Aborted when the client has gone, or was left. */
  readonly closed: AbortSignal
  /** Bytes that the client has not taken yet, beside what the system's buffers hold. */
  readonly pendingBytes: number
  readonly write: (bytes: string | Uint8Array) => void
  /** Waits until nothing is pending. @returns whether that came within `ms`; `false` also when it is closed. */
  readonly drained: (ms: number) => Promise<boolean>
  /** Writes the last bytes; a client that does not take them within `ms` is left. */
  readonly end: (bytes: string, ms: number) => void
}

/**
 * Writes to the response itself: a web stream would cost more than all the rest. The body ends with its connection, so
 * that each chunk goes out as it is, the same bytes for all who listen. The head goes out with the first event, which has
 * an id: a client that was answered and is cut off at once knows where to go on.
 */
export function responseSink(
  outgoing: ServerResponse,
  headers: Readonly<Record<string, string>>,
): Sink {
  const closed = new AbortController()
  outgoing.once('close', () => {
    closed.abort()
  })
  if (outgoing.destroyed) closed.abort()
  outgoing.useChunkedEncodingByDefault = false
  outgoing.writeHead(200, { ...headers, connection: 'close' })
  return {
    closed: closed.signal,
    get pendingBytes() {
      return outgoing.writableLength
    },
    write(bytes) {
      if (!closed.signal.aborted) outgoing.write(bytes)
    },
    drained: (ms) => drained(outgoing, closed.signal, ms),
    end(bytes, ms) {
      outgoing.end(bytes)
      const timer = setTimeout(() => outgoing.destroy(), ms).unref()
      closed.signal.addEventListener('abort', () => {
        clearTimeout(timer)
      })
    },
  }
}

async function drained(
  outgoing: ServerResponse,
  closed: AbortSignal,
  ms: number,
): Promise<boolean> {
  if (closed.aborted) return false
  if (!outgoing.writableNeedDrain) return true
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const onDrain = (): void => {
    resolve(true)
  }
  const onClose = (): void => {
    resolve(false)
  }
  const timer = setTimeout(onClose, ms).unref()
  outgoing.once('drain', onDrain)
  closed.addEventListener('abort', onClose, { once: true })
  const isDrained = await promise
  clearTimeout(timer)
  outgoing.off('drain', onDrain)
  closed.removeEventListener('abort', onClose)
  return isDrained
}
