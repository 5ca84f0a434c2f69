import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Metrics } from './metrics.ts'
import { listen } from './listen.ts'
import { readiness } from './readiness.ts'
import type { ReadyChecks } from './readiness.ts'

export type { ReadyChecks } from './readiness.ts'

const REQUEST_MS_MAX = 5000

export interface HealthServerOptions {
  readonly port: number
  readonly host: string
  /** What must work for the process to be of use, by name. */
  readonly ready: ReadyChecks
  readonly registry: Metrics['registry']
  /** Once aborted, `/readyz` fails with `stopping`, so that no new work is sent here. */
  readonly stopping?: AbortSignal
}

/** A running health server. Dispose it to stop listening. */
export interface HealthServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

/**
 * Serves `/healthz` (200 while the process lives), `/readyz` (200, or 503 with the names of the
 * failed checks) and `/metrics` (Prometheus text).
 *
 * @throws {SettingsError} when the port cannot be used.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    void respond(request, { response, options })
  })
  server.requestTimeout = REQUEST_MS_MAX
  const port = await listen(server, {
    port: options.port,
    host: options.host,
    setting: 'HEALTH_PORT',
  })
  return {
    port,
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

/** What the health server answers to a path. */
export async function answerHealth(
  path: string,
  { ready, registry, stopping }: Omit<HealthServerOptions, 'port' | 'host'>,
): Promise<Answer> {
  const [route = '/'] = path.split('?', 1)
  switch (route) {
    case '/healthz':
      return json(200, { status: 'ok' })
    case '/readyz': {
      const { failed } = await readiness(ready)
      const all = stopping?.aborted === true ? ['stopping', ...failed] : failed
      return all.length === 0
        ? json(200, { status: 'ok', failed: [] })
        : json(503, { status: 'unavailable', failed: all })
    }
    case '/metrics':
      return { status: 200, type: registry.contentType, body: await registry.metrics() }
    default:
      return json(404, { status: 'not found' })
  }
}

async function respond(
  request: IncomingMessage,
  { response, options }: { response: ServerResponse; options: HealthServerOptions },
): Promise<void> {
  const answer = await answerHealth(request.url ?? '/', options).catch((error: unknown) =>
    json(500, { status: 'error', message: error instanceof Error ? error.message : 'unknown' }),
  )
  response.writeHead(answer.status, { 'content-type': answer.type, 'cache-control': 'no-store' })
  response.end(answer.body)
}

function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}
