import { createAdaptorServer } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { listen } from '@poglog/service-kit'
import { Server } from 'node:http'
import type { QueryApp } from './app-types.ts'
import {
  REQUEST_CHECK_MS,
  REQUEST_HEAD_BYTES_MAX,
  REQUEST_MS_MAX,
  STALLED_CLIENT_MS,
} from './limits.ts'

const DRAIN_MS_MAX = 8000

/** A listening API. Disposing lets running answers end, up to a deadline, and then cuts them off. */
export interface ApiServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
}

/** @throws {SettingsError} when the port cannot be used; the message says what to do. */
export async function startServer(
  app: QueryApp,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<ApiServer> {
  const server = createAdaptorServer({
    // By itself Node looks every 30 s for requests that take too long to arrive.
    serverOptions: {
      maxHeaderSize: REQUEST_HEAD_BYTES_MAX,
      connectionsCheckingInterval: REQUEST_CHECK_MS,
    },
    async fetch(request, env) {
      const response = await app.fetch(request, env)
      // A live tail writes to the connection itself.
      return env.outgoing.headersSent ? RESPONSE_ALREADY_SENT : response
    },
  })
  if (!(server instanceof Server)) throw new Error('the adaptor made no HTTP/1.1 server')
  // Only an admin's request has a body, of some bytes: a head is all there is to wait for.
  server.requestTimeout = REQUEST_MS_MAX
  server.headersTimeout = REQUEST_MS_MAX
  // Counts from the last byte that went either way: a client that stopped reading lets go of its query.
  server.timeout = STALLED_CLIENT_MS
  const usedPort = await listen(server, { port, host, setting: 'PORT' })
  const shownHost = host.includes(':') ? `[${host}]` : host
  return {
    port: usedPort,
    url: `http://${shownHost}:${usedPort}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => {
        server.close(resolve)
      })
      server.closeIdleConnections()
      const timer = setTimeout(() => {
        server.closeAllConnections()
      }, DRAIN_MS_MAX)
      await closed
      clearTimeout(timer)
    },
  }
}
