import { ROOT_CONTEXT, SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api'
import type { Context, Span, Tracer } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { NoteSpan, OpenSpan, SpanStart, Tracing } from './tracing.ts'

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^00-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})$/

/**
 * Sends spans by OTLP over HTTP. The only place that knows OpenTelemetry; {@link openTracing} loads it when it is asked for.
 *
 * @param share of the traces that are kept, 0 to 1.
 */
export function exportTraces({
  service,
  share,
}: {
  readonly service: string
  readonly share: number
}): Tracing {
  const named = resourceFromAttributes({ 'service.name': `poglog-${service}` })
  // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
  const resource = defaultResource()
    .merge(named)
    .merge(detectResources({ detectors: [envDetector] }))
  const provider = new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const tracer = provider.getTracer('poglog')
  return {
    isOn: true,
    span: (name, attributes, work) =>
      tracer.startActiveSpan(name, { attributes }, async (span) => {
        try {
          return await work(noter(span))
        } catch (error) {
          fail(span, error)
          throw error
        } finally {
          span.end()
        }
      }),
    open: (name, start = {}) => openSpan(name, start, tracer),
    child(name) {
      // What is done again and again by itself, such as heartbeats, is no trace. Nor is what goes on when its span has ended.
      if (trace.getActiveSpan()?.isRecording() !== true) return () => undefined
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT })
      return (outcome) => {
        if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      }
    },
    apart: (work) => context.with(ROOT_CONTEXT, work),
    running() {
      const span = trace.getActiveSpan()
      if (span?.isRecording() !== true) return undefined
      const { traceId, spanId } = span.spanContext()
      return `00-${traceId}-${spanId}-01`
    },
    [Symbol.asyncDispose]: () => provider.shutdown(),
  }
}

function openSpan(
  name: string,
  { kind, attributes = {}, startMs, parent }: SpanStart,
  tracer: Tracer,
): OpenSpan {
  const running = trace.getActiveSpan()?.spanContext()
  const options = {
    attributes,
    kind: kind === 'server' ? SpanKind.SERVER : SpanKind.INTERNAL,
    ...(startMs === undefined ? {} : { startTime: startMs }),
    ...(parent === undefined || running === undefined ? {} : { links: [{ context: running }] }),
  }
  const above = parent === undefined ? context.active() : contextOf(parent)
  const span = tracer.startSpan(name, options, above)
  const within = trace.setSpan(above, span)
  return {
    run: (work) => context.with(within, work),
    note: noter(span),
    end(outcome) {
      if (!span.isRecording()) return
      if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}

/** The span of another process; nothing where it cannot be read. */
function contextOf(traceparent: string): Context {
  const { traceId = '', spanId = '', flags = '' } = TRACEPARENT.exec(traceparent)?.groups ?? {}
  const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return traceId === '' ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, remote)
}

function noter(span: Span): NoteSpan {
  return (attributes, name) => {
    if (!span.isRecording()) return
    span.setAttributes(attributes)
    if (name !== undefined) span.updateName(name)
  }
}

function fail(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR })
  if (error instanceof Error) span.setAttributes({ 'error.type': error.name })
}
