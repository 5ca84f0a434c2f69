import { AsyncLocalStorage } from 'node:async_hooks'
import type { NoteSpan, OpenSpan, SpanStart, Tracing } from '../tracing.ts'

/** A span as it was told. */
export interface KeptSpan {
  name: string
  readonly above: KeptSpan | undefined
  readonly start: SpanStart
  readonly attributes: Record<string, string | number | boolean>
  /** `undefined` while it lasts. */
  outcome: 'done' | 'failed' | undefined
}

/** Tracing into memory, for tests. */
export interface MemoryTracing extends Tracing {
  /** In the order of their beginnings. */
  readonly spans: readonly KeptSpan[]
}

/** Makes tracing that is on and keeps every span. */
export function memoryTracing(): MemoryTracing {
  const spans: KeptSpan[] = []
  const running = new AsyncLocalStorage<KeptSpan>()
  const open = (name: string, start: SpanStart = {}): OpenSpan => {
    const span: KeptSpan = {
      name,
      above: running.getStore(),
      start,
      attributes: { ...start.attributes },
      outcome: undefined,
    }
    spans.push(span)
    return {
      run: (work) => running.run(span, work),
      note: noter(span),
      end: (outcome) => (span.outcome ??= outcome),
    }
  }
  return {
    isOn: true,
    spans,
    open,
    async span(name, attributes, work) {
      const span = open(name, { attributes })
      try {
        const result = await span.run(() => work(span.note))
        span.end('done')
        return result
      } catch (error) {
        span.end('failed')
        throw error
      }
    },
    child: (name) => (running.getStore() === undefined ? () => undefined : open(name).end),
    apart: (work) => running.exit(work),
    running() {
      const span = running.getStore()
      return span === undefined ? undefined : `${spans.indexOf(span)}`
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

function noter(span: KeptSpan): NoteSpan {
  return (attributes, name) => {
    Object.assign(span.attributes, attributes)
    if (name !== undefined) span.name = name
  }
}
