import { AsyncResource } from 'node:async_hooks'
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
/** @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
const SERVER = 2
const CLIENT = 3
const LOADED = fileURLToPath(new URL('fixtures/loaded.ts', import.meta.url))
const spanSchema = z.object({
  name: z.string(),
  kind: z.number(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  links: z.array(z.object({ spanId: z.string() })).default([]),
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

  it('have spans that last until they are ended, and began when they say', async () => {
    const tracing = await openTracing('test', env)
    const called = traceCalls(tracing, 'store', () => () => undefined)
    const request = tracing.open('GET', {
      kind: 'server',
      startMs: performance.now() - 500,
    })
    const later = await request.run(async () => {
      await Promise.resolve()
      return AsyncResource.bind(() => called('get')('done'))
    })
    later()
    request.note({ how: 'whole' }, 'GET /x')
    request.end('failed')
    request.end('done')
    later() // Of no trace any more.
    await tracing.span('begins', {}, async () => {
      tracing.apart(() => called('apart')('done'))
      await Promise.resolve()
    })
    await tracing[Symbol.asyncDispose]()
    const [get, whole, ...others] = spansOf(requests)
    expect(others.map(({ name }) => name)).toEqual(['begins'])
    expect([get?.name, get?.kind, get?.parentSpanId]).toEqual(['store get', CLIENT, whole?.spanId])
    expect([whole?.name, whole?.kind, whole?.status.code]).toEqual(['GET /x', SERVER, 2])
    expect(nanosOf(whole)).toBeGreaterThanOrEqual(499_000_000n)
  })

  it('go on from one process to another', async () => {
    const tracing = await openTracing('test', env)
    expect(tracing.running()).toBeUndefined()
    const parent = await tracing.span('batch', {}, () => Promise.resolve(tracing.running()))
    if (parent === undefined) throw new Error('nothing was running')
    await tracing.span('job', {}, async () => {
      tracing.open('sealed', { parent }).end('done')
      tracing.open('of nobody', { parent: 'no traceparent' }).end('done')
      return Promise.resolve()
    })
    await tracing[Symbol.asyncDispose]()
    const spans = new Map(spansOf(requests).map((span) => [span.name, span]))
    const [batch, job, sealed] = ['batch', 'job', 'sealed'].map((name) => spans.get(name))
    expect(parent).toBe(`00-${batch?.traceId}-${batch?.spanId}-01`)
    expect([sealed?.traceId, sealed?.parentSpanId]).toEqual([batch?.traceId, batch?.spanId])
    expect(sealed?.links).toEqual([{ spanId: job?.spanId }])
    expect(spans.get('of nobody')?.parentSpanId ?? '').toBe('')
  })

  it.each([
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1e-9' },
    { OTEL_TRACES_SAMPLER: 'always_off' },
  ])('are none where none is kept: $OTEL_TRACES_SAMPLER', async (sampler) => {
    const tracing = await openTracing('test', { ...env, ...sampler })
    const running = await tracing.span('request', {}, () => {
      tracing.open('below').end('done')
      tracing.child('call')('done')
      return Promise.resolve(tracing.running())
    })
    await tracing[Symbol.asyncDispose]()
    expect(running).toBeUndefined()
    expect(spansOf(requests)).toEqual([])
  })
})

describe('traces that are off', () => {
  it('are nothing at all', async () => {
    expect(await openTracing('test', {})).toBe(NO_TRACING)
    expect(traceCalls(NO_TRACING, 'redis', tellNobody)).toBe(tellNobody)
    expect(await NO_TRACING.span('x', {}, () => Promise.resolve(7))).toBe(7)
    expect(NO_TRACING.open('x').run(() => 7)).toBe(7)
    expect(NO_TRACING.running()).toBeUndefined()
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
    const wrong = {
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_SAMPLER_ARG: '2',
    }
    await expect(openTracing('test', wrong)).rejects.toThrow(
      [
        'OTEL_TRACES_EXPORTER: must be otlp or none',
        'OTEL_EXPORTER_OTLP_PROTOCOL: must be http/json or http/protobuf: both are sent as JSON, to the port of HTTP',
        'OTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1',
      ].join('\n'),
    )
  })
})

function tellNobody() {
  return () => undefined
}

function nanosOf(span: z.output<typeof spanSchema> | undefined): bigint {
  return BigInt(span?.endTimeUnixNano ?? 0) - BigInt(span?.startTimeUnixNano ?? 0)
}

function spansOf(requests: readonly Request[]) {
  return requests.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  )
}
