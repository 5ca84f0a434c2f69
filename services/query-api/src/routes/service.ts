import { readiness } from '@poglog/service-kit'
import type { ReadyChecks } from '@poglog/service-kit'
import type { QueryApp } from '../app-types.ts'
import type { Events } from '../events.ts'
import { addDocs } from '../http/docs.ts'
import { describeApi } from './describe.ts'
import { SERVICE_ANSWERS } from './service-schema.ts'

export interface ServiceDeps {
  readonly events: Pick<Events, 'registry'>
  readonly ready: ReadyChecks
  /** Aborted once the service is asked to stop: it is then no longer ready. */
  readonly stopping?: AbortSignal | undefined
}

/** Probes, metrics and the API's description. */
export function addServiceRoutes(app: QueryApp, { events, ready, stopping }: ServiceDeps): void {
  const uncached = { 'cache-control': 'no-store' }
  app.get('/healthz', (c) => c.json({ status: 'ok' }, 200, uncached))
  app.get('/readyz', async (c) => {
    const { failed } = await readiness(ready)
    const all = stopping?.aborted === true ? ['stopping', ...failed] : failed
    return all.length === 0
      ? c.json({ status: 'ok', failed: all }, 200, uncached)
      : c.json({ status: 'unavailable', failed: all }, 503, uncached)
  })
  app.get('/metrics', async (c) =>
    c.body(await events.registry.metrics(), 200, {
      'content-type': events.registry.contentType,
      ...uncached,
    }),
  )
  addDocs(app)
  for (const [path, { summary, responses }] of Object.entries(SERVICE_ANSWERS)) {
    app.openAPIRegistry.registerPath({ method: 'get', path, summary, responses })
  }
  let document: ReturnType<typeof describeApi> | undefined
  app.get('/openapi.json', (c) => {
    // All routes are there by the first request.
    document ??= describeApi(app)
    return c.json(document, 200, { 'cache-control': 'public, max-age=300' })
  })
}
