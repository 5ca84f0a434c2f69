import { SpanStatusCode, context, trace } from '@opentelemetry/api'
import type { Span } from '@opentelemetry/api'
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
import type { Tracing } from './tracing.ts'

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
          return await work((known, later) => {
            span.setAttributes(known)
            if (later !== undefined) span.updateName(later)
          })
        } catch (error) {
          fail(span, error)
          throw error
        } finally {
          span.end()
        }
      }),
    child(name) {
      // What is done again and again by itself, such as heartbeats, is no trace.
      if (trace.getActiveSpan() === undefined) return () => undefined
      const span = tracer.startSpan(name)
      return (outcome) => {
        if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      }
    },
    [Symbol.asyncDispose]: () => provider.shutdown(),
  }
}

function fail(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR })
  if (error instanceof Error) span.setAttributes({ 'error.type': error.name })
}
