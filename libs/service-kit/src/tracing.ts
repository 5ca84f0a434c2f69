import { z } from 'zod'
import { parseEnv } from './settings.ts'
import type { Env } from './settings.ts'

/** What is known of a span: few, short, and never the name of a user or channel. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** Adds what is known only later; a name replaces the first one. */
export type NoteSpan = (attributes: SpanAttributes, name?: string) => void

/** The spans of a process. Off, it does nothing and has loaded nothing. */
export interface Tracing extends AsyncDisposable {
  readonly isOn: boolean
  /** Does work in a span; what the work begins is below it. What it throws marks the span as failed, and is thrown. */
  readonly span: <T>(
    name: string,
    attributes: SpanAttributes,
    work: (note: NoteSpan) => Promise<T>,
  ) => Promise<T>
  /** Begins a span below the one that is running, and returns what ends it; nothing where none is running. */
  readonly child: (name: string) => (outcome: 'done' | 'failed') => void
}

/** Loaded by those who trace, and by nobody else. */
export const NO_TRACING: Tracing = {
  isOn: false,
  span: (_name, _attributes, work) => work(nothing),
  child: () => nothing,
  [Symbol.asyncDispose]: () => Promise.resolve(),
}

/** The names of OpenTelemetry; the exporter reads the rest of OTEL_EXPORTER_OTLP_* itself. */
const settings = z.object({
  OTEL_SDK_DISABLED: z.string().default('false'),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], { error: 'must be otlp or none' }).default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().optional(),
  OTEL_TRACES_SAMPLER: z
    .enum(['parentbased_always_on', 'parentbased_traceidratio'], {
      error: 'must be parentbased_always_on or parentbased_traceidratio',
    })
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
  if (isOff || endpoint === undefined) return NO_TRACING
  const { exportTraces } = await import('./export-traces.ts')
  const isWhole = read.OTEL_TRACES_SAMPLER === 'parentbased_always_on'
  return exportTraces({ service, share: isWhole ? 1 : read.OTEL_TRACES_SAMPLER_ARG })
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

function nothing(): void {
  // Nobody is told.
}
