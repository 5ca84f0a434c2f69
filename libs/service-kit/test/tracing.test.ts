import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { NO_TRACING, openTracing, traceCalls } from '../src/index.ts'

const run = promisify(execFile)
const LOADED = fileURLToPath(new URL('fixtures/loaded.ts', import.meta.url))
const spanSchema = z.object({
  name: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  status: z.object({ code: z.number().optional() }),
})
const requestSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(z.unknown()) }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
})
type Request = z.output<typeof requestSchema>

describe('traces that are switched on', () => {
  let collector: Server
  let requests: Request[]
  let env: { readonly OTEL_EXPORTER_OTLP_ENDPOINT: string }
  const keep = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests.push(requestSchema.parse(await json(request)))
    response.end('{}')
  }
  beforeEach(async () => {
    requests = []
    collector = createServer((request, response) => {
      void keep(request, response)
    }).listen(0, '127.0.0.1')
    await once(collector, 'listening')
    const address = collector.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${address.port}` }
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', env.OTEL_EXPORTER_OTLP_ENDPOINT)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    collector.close()
  })

  it('go to the collector: a span, the calls below it, what failed', async () => {
    const tracing = await openTracing('test', env)
    const told: string[] = []
    const called = traceCalls(tracing, 'redis', (call: string) => (outcome) => {
      told.push(`${call} ${outcome}`)
    })
    called('beat')('done') // Of no trace: nothing is running.
    await tracing.span('request', {}, async (note) => {
      await Promise.resolve()
      called('append')('done')
      note({ 'http.route': '/x' }, 'GET /x')
    })
    const failing = tracing.span('job', {}, () => Promise.reject(new Error('away')))
    await expect(failing).rejects.toThrow('away')
    await tracing[Symbol.asyncDispose]()

    expect(told).toEqual(['beat done', 'append done'])
    const spans = spansOf(requests)
    expect(spans.map(({ name }) => name).toSorted()).toEqual(['GET /x', 'job', 'redis append'])
    const request = spans.find(({ name }) => name === 'GET /x')
    const call = spans.find(({ name }) => name === 'redis append')
    expect(call?.parentSpanId).toBe(request?.spanId)
    expect(spans.find(({ name }) => name === 'job')?.status.code).toBe(2)
    expect(JSON.stringify(requests[0]?.resourceSpans[0]?.resource)).toContain('poglog-test')
  })

  it('are none of a share of 0', async () => {
    const sampler = {
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0',
    }
    const tracing = await openTracing('test', { ...env, ...sampler })
    await tracing.span('request', {}, () => Promise.resolve())
    await tracing[Symbol.asyncDispose]()
    expect(spansOf(requests)).toEqual([])
  })
})

describe('traces that are off', () => {
  it('are nothing at all', async () => {
    expect(await openTracing('test', {})).toBe(NO_TRACING)
    expect(traceCalls(NO_TRACING, 'redis', tellNobody)).toBe(tellNobody)
    expect(await NO_TRACING.span('x', {}, () => Promise.resolve(7))).toBe(7)
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }
    expect(await openTracing('test', { ...endpoint, OTEL_SDK_DISABLED: 'true' })).toBe(NO_TRACING)
    expect(await openTracing('test', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' })).toBe(
      NO_TRACING,
    )
  })

  it('load no package of OpenTelemetry', async () => {
    const loaded = await run(process.execPath, [LOADED])
    expect(loaded.stdout).toContain('tracing.ts')
    expect(loaded.stdout).not.toMatch(/export-traces|sdk-trace|exporter-trace/)
  })

  it('say what is set wrongly', async () => {
    const wrong = { OTEL_TRACES_EXPORTER: 'zipkin', OTEL_TRACES_SAMPLER_ARG: '2' }
    await expect(openTracing('test', wrong)).rejects.toThrow(
      'OTEL_TRACES_EXPORTER: must be otlp or none\nOTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1',
    )
  })
})

function tellNobody() {
  return () => undefined
}

function spansOf(requests: readonly Request[]) {
  return requests.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  )
}
