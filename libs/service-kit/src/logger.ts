import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'

export type { Logger } from 'pino'

export interface LoggerOptions {
  /** The process's name; in every line as `name`. */
  readonly name: string
  /** The least severe level that is written. Default `info`. */
  readonly level?: string
  /** Where lines go. Default: standard output, written at once, so that a crash loses none. */
  readonly destination?: DestinationStream
}

/**
 * Creates a logger that writes one JSON object a line: `level` as a word, `time` in RFC 3339 (UTC),
 * `name`, the fields and `msg`. An error under `err` is written with its type, message, stack,
 * `kind` and causes, but not the command it belongs to: that of a refused login holds the password. The
 * usual names of secrets are removed wherever they stand one level deep.
 */
export function createLogger({ name, level = 'info', destination }: LoggerOptions): Logger {
  const options = {
    name,
    level,
    base: { name },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
    redact: {
      paths: ['password', 'token', 'secret', 'authorization', 'apiKey', 'x-api-key'].flatMap(
        (key) => [`["${key}"]`, `*["${key}"]`],
      ),
      censor: '***',
    },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

function describeError(error: unknown): unknown {
  return error instanceof Error ? withoutCommands(pino.stdSerializers.err(error)) : error
}

/** ioredis hangs the command on the error of a refused login, also on those inside another error. */
function withoutCommands(described: unknown): unknown {
  if (Array.isArray(described)) return described.map(withoutCommands)
  if (typeof described !== 'object' || described === null || !('stack' in described)) {
    return described
  }
  const fields = Object.entries(described).filter(([name]) => name !== 'command')
  return Object.fromEntries(fields.map(([name, value]) => [name, withoutCommands(value)]))
}
