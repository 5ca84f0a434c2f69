import { z } from 'zod'
import { parseEnv } from './settings.ts'
import type { Env } from './settings.ts'

/** What is known of a span: few, short, and never the name of a user or channel. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** Adds what is known only later; a name replaces the first one. */
export type NoteSpan = (attributes: SpanAttributes, name?: string) => void

/** A span that lasts until whoever has begun it says so. */
export interface OpenSpan {
  /** Does work in it: what the work begins is below it. */
  readonly run: <T>(work: () => T) => T
  readonly note: NoteSpan
  /** Ends it; a second time does nothing. */
  readonly end: (outcome: 'done' | 'failed') => void
}

/** How a span begins. */
export interface SpanStart {
  /** `server`: it answers a request of another process. */
  readonly kind?: 'server'
  readonly attributes?: SpanAttributes
  /** Monotonic ms (`performance.now()`), where it began before now. */
  readonly startMs?: number
  /**
   * A span of another process that it is below, as {@link Tracing.running} gave it; it then links to the span that is
   * running here.
   */
  readonly parent?: string
}

/** The spans of a process. Off, it does nothing and has loaded nothing. */
export interface Tracing extends AsyncDisposable {
  readonly isOn: boolean
  /** Does work in a span; what the work begins is below it. What it throws marks the span as failed, and is thrown. */
  readonly span: <T>(
    name: string,
    attributes: SpanAttributes,
    work: (note: NoteSpan) => Promise<T>,
  ) => Promise<T>
  /** Begins a span below the one that is running. */
  readonly open: (name: string, start?: SpanStart) => OpenSpan
  /** Begins the span of a call below the one that is running, and returns what ends it; nothing where none is running. */
  readonly child: (name: string) => (outcome: 'done' | 'failed') => void
  /** Does work that is of no trace: what goes on beside whatever has begun it, and longer. */
  readonly apart: <T>(work: () => T) => T
  /** The span that is running, as a `traceparent`; `undefined` where none is, or where it is not kept. */
  readonly running: () => string | undefined
}

/** A span that nobody is told of. */
export const NO_SPAN: OpenSpan = { run: (work) => work(), note: nothing, end: nothing }

/** Loaded by those who trace, and by nobody else. */
export const NO_TRACING: Tracing = {
  isOn: false,
  span: (_name, _attributes, work) => work(nothing),
  open: () => NO_SPAN,
  child: () => nothing,
  apart: (work) => work(),
  running: nothing,
  [Symbol.asyncDispose]: () => Promise.resolve(),
}

/** All spans begin here, or below one that is kept: whether a sampler looks at their parents makes no difference. */
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const
const protocol = z
  .enum(['http/json', 'http/protobuf'], {
    error: 'must be http/json or http/protobuf: both are sent as JSON, to the port of HTTP',
  })
  .optional()

/** The names of OpenTelemetry; the exporter reads the rest of OTEL_EXPORTER_OTLP_* itself. */
const settings = z.object({
  OTEL_SDK_DISABLED: z.string().default('false'),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], { error: 'must be otlp or none' }).default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS, { error: `must be one of ${SAMPLERS.join(', ')}` })
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number({ error: 'must be a number from 0 to 1' })
    .min(0, { error: 'must be a number from 0 to 1' })
    .max(1, { error: 'must be a number from 0 to 1' })
    .default(1),
})

/**
 * Opens what traces go out by. They are off until OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
 * says where to; only then the packages of OpenTelemetry are loaded. Dispose it to send what is left.
 *
 * @throws {SettingsError}
 */
export async function openTracing(service: string, env: Env): Promise<Tracing> {
  const read = parseEnv(settings, env)
  const endpoint = read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? read.OTEL_EXPORTER_OTLP_ENDPOINT
  const isOff = read.OTEL_SDK_DISABLED === 'true' || read.OTEL_TRACES_EXPORTER === 'none'
  const share = shareOf(read.OTEL_TRACES_SAMPLER, read.OTEL_TRACES_SAMPLER_ARG)
  if (isOff || endpoint === undefined || share === 0) return NO_TRACING
  const { exportTraces } = await import('./export-traces.ts')
  return exportTraces({ service, share })
}

function shareOf(sampler: (typeof SAMPLERS)[number], argument: number): number {
  if (sampler.endsWith('always_on')) return 1
  return sampler.endsWith('always_off') ? 0 : argument
}

/** The same teller, and each call it is told of is a span below the running one. Off, it is the teller itself. */
export function traceCalls<Call extends string, Rest extends readonly unknown[]>(
  { isOn, child }: Tracing,
  prefix: string,
  told: (call: Call) => (outcome: 'done' | 'failed', ...rest: Rest) => void,
): typeof told {
  if (!isOn) return told
  return (call) => {
    const ended = told(call)
    const spanEnded = child(`${prefix} ${call}`)
    return (outcome, ...rest) => {
      ended(outcome, ...rest)
      spanEnded(outcome)
    }
  }
}

function nothing(): undefined {
  // Nobody is told.
}
