import { buffer } from 'node:stream/consumers'
import { Agent, createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  answerInstead,
  answerWith,
  withFlippedBit,
  type Fault,
  type WholeAnswer,
} from './faults.ts'

/** Which requests a fault hits. */
export interface FaultScope {
  /** How many requests; all until {@link FaultProxy.heal} when absent. */
  readonly times?: number
  /** Only requests of this HTTP method. */
  readonly method?: string
  /** Only requests whose path and query have this in them. */
  readonly url?: string
  /** Ends after so many milliseconds. */
  readonly durationMs?: number
}

/** An HTTP proxy between a client and an S3 server that does harm on demand. */
export interface FaultProxy {
  /** `http://127.0.0.1:port`: the endpoint to give to the client. */
  readonly endpoint: string
  /** Adds a fault; of several that fit a request the one added first hits it. */
  inject(fault: Fault, scope?: FaultScope): void
  /** Ends all faults and the connections that they keep waiting. */
  heal(): void
  /** Delays every request by so many milliseconds, in addition to any fault; 0 ends it. */
  setLatency(latencyMs: number): void
  /** Requests that came since the start or the last {@link FaultProxy.resetCounts}, of one method or of all. */
  requests(method?: string): number
  /** The most requests that were under way at once. */
  runningMax(): number
  resetCounts(): void
  stop(): Promise<void>
}

interface ActiveFault {
  readonly fault: Fault
  readonly method: string | undefined
  readonly url: string
  readonly endsAtMs: number
  left: number
}

/**
 * Starts a proxy on a free port of the loopback. It hands the `Host` header on as it came, so that
 * signatures stay valid, and reads bodies whole: for objects of test size.
 *
 * @param settings.target `http://host:port` of the S3 server.
 */
export async function startFaultProxy(settings: {
  readonly target: string
  readonly latencyMs?: number
}): Promise<FaultProxy> {
  const state = new ProxyState(settings)
  const server = createServer((request, response) => {
    state.serve(request, response).catch(() => response.socket?.destroy())
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    inject: (fault, scope = {}) => state.inject(fault, scope),
    heal: () => state.heal(),
    setLatency: (latencyMs) => {
      state.latencyMs = latencyMs
    },
    requests: (method) => state.requests(method),
    runningMax: () => state.runningMax,
    resetCounts: () => state.resetCounts(),
    stop: async () => {
      state.heal()
      state.agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

class ProxyState {
  readonly agent = new Agent({ keepAlive: true })
  latencyMs: number
  runningMax = 0
  readonly #target: URL
  readonly #counts = new Map<string, number>()
  readonly #waiting = new Set<ServerResponse>()
  #faults: ActiveFault[] = []
  #running = 0

  constructor({ target, latencyMs }: { target: string; latencyMs?: number }) {
    this.#target = new URL(target)
    this.latencyMs = latencyMs ?? 0
  }

  inject(fault: Fault, { times, method, url = '', durationMs }: FaultScope): void {
    const left = times ?? Number.POSITIVE_INFINITY
    const endsAtMs = performance.now() + (durationMs ?? Number.POSITIVE_INFINITY)
    this.#faults.push({ fault, method, url, endsAtMs, left })
  }

  heal(): void {
    this.#faults = []
    for (const response of this.#waiting) response.socket?.destroy()
  }

  requests(method: string | undefined): number {
    if (method !== undefined) return this.#counts.get(method) ?? 0
    return this.#counts.values().reduce((sum, count) => sum + count, 0)
  }

  resetCounts(): void {
    this.#counts.clear()
    this.runningMax = 0
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? ''
    const fault = this.#take(method, request.url ?? '')
    this.#counts.set(method, (this.#counts.get(method) ?? 0) + 1)
    this.#running += 1
    this.runningMax = Math.max(this.runningMax, this.#running)
    this.#waiting.add(response)
    response.once('close', () => {
      this.#running -= 1
      this.#waiting.delete(response)
    })
    const delayMs = this.latencyMs + (fault?.kind === 'delay' ? fault.delayMs : 0)
    if (delayMs > 0) await sleep(delayMs)
    if (answerInstead(fault, response)) {
      request.resume() // The client may still be sending.
      return
    }
    if (fault?.kind === 'half-request') await this.#sendHalf(request)
    else answerWith(fault, await this.#forward(request, fault), response)
  }

  #take(method: string, url: string): Fault | undefined {
    const nowMs = performance.now()
    this.#faults = this.#faults.filter(({ left, endsAtMs }) => left > 0 && endsAtMs > nowMs)
    const active = this.#faults.find((fault) => {
      return (fault.method ?? method) === method && url.includes(fault.url)
    })
    if (active !== undefined) active.left -= 1
    return active?.fault
  }

  async #forward(request: IncomingMessage, fault: Fault | undefined): Promise<WholeAnswer> {
    const received = await buffer(request)
    const body = fault?.kind === 'wrong-request-bytes' ? withFlippedBit(received) : received
    const head = await new Promise<IncomingMessage>((resolve, reject) => {
      this.#open(request).once('response', resolve).once('error', reject).end(body)
    })
    return { head, body: await buffer(head) }
  }

  /** Ends in an error, after which the client's connection is ended too. */
  async #sendHalf(request: IncomingMessage): Promise<never> {
    const body = await buffer(request)
    const upstream = this.#open(request)
    const ended = new Promise<never>((_resolve, reject) => {
      upstream.once('error', reject)
    })
    upstream.write(body.subarray(0, body.byteLength >> 1), () =>
      upstream.destroy(new Error('half')),
    )
    return await ended
  }

  #open(request: IncomingMessage): ReturnType<typeof httpRequest> {
    return httpRequest({
      host: this.#target.hostname,
      port: this.#target.port,
      method: request.method,
      path: request.url,
      headers: request.headers,
      agent: this.agent,
    })
  }
}
