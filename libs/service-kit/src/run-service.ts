import { createLogger } from './logger.ts'
import type { Logger } from './logger.ts'
import { SettingsError } from './settings.ts'

const STOP_MS_MAX = 10_000
const EXIT_OK = 0
const EXIT_FAILED = 1
/** EX_CONFIG of sysexits.h: something is set up wrongly, so a restart cannot help. */
const EXIT_SETTINGS = 78
/** A shell's convention: 128 and the signal's number. */
const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

type StopSignal = keyof typeof EXIT_BY_SIGNAL

/** What `run` gets. */
export interface ServiceContext {
  /** Everything opened goes in here; disposed in reverse order when the service stops or fails. */
  readonly resources: AsyncDisposableStack
  /** Aborted as soon as the service is asked to stop, before anything is disposed. */
  readonly stopping: AbortSignal
  /** Asks for a graceful stop from inside, as a signal would; with an error, the exit code says so. */
  readonly stop: (error?: unknown) => void
  /** Sets how long a graceful stop may take, for a service that knows it only from its settings. */
  readonly stopWithin: (stopMsMax: number) => void
}

/** The parts of `process` that {@link runService} uses. */
export interface ProcessHost {
  readonly on: (event: string, listener: (value: unknown) => void) => unknown
  readonly exit: (code: number) => void
  readonly writeError: (text: string) => void
}

export interface RunServiceOptions {
  readonly name: string
  /** Opens what the service needs and starts it. Resolves when it is up; it then runs until stopped. */
  readonly run: (context: ServiceContext) => Promise<void>
  /** How long a graceful stop may take before the process ends anyway. Default 10 s. */
  readonly stopMsMax?: number
  /** Where failures of the start and the stop are told. Default: a logger of its own. */
  readonly log?: Logger
  /** Default: this process. */
  readonly host?: ProcessHost
}

/**
 * The life of a process: start, run until SIGTERM, SIGINT or SIGHUP, stop gracefully, exit.
 *
 * Exit codes: 0 after a graceful stop; 78 with one message on standard error when settings are
 * wrong; 1 when the start failed, after an uncaught error, or when the stop took longer than
 * `stopMsMax`; 128 + n when a second signal ended it at once.
 */
export async function runService(options: RunServiceOptions): Promise<void> {
  const { name, run, host = thisProcess } = options
  let { stopMsMax = STOP_MS_MAX } = options
  const log = options.log ?? createLogger({ name })
  const resources = new AsyncDisposableStack()
  const stopping = new AbortController()
  const asked = Promise.withResolvers<number>()

  listenForSignals(host, { stopping, ask: asked.resolve })
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    host.on(event, (err) => {
      log.fatal({ err, event }, 'uncaught error')
      stopping.abort()
      host.exit(EXIT_FAILED)
    })
  }

  let code: number = EXIT_OK
  try {
    const stop = (error?: unknown): void => {
      stopping.abort()
      if (error === undefined) asked.resolve(EXIT_OK)
      else asked.reject(error)
    }
    const stopWithin = (ms: number): void => {
      stopMsMax = ms
    }
    const context = { resources, stopping: stopping.signal, stop, stopWithin }
    // A signal during a slow start need not wait for its end.
    await Promise.race([run(context), asked.promise])
    code = await asked.promise
  } catch (error) {
    code = reportFailure(error, { name, host, log })
    stopping.abort()
  }
  try {
    await disposeInTime(resources, stopMsMax)
  } catch (err) {
    log.error({ err }, 'stop failed')
    if (code === EXIT_OK) code = EXIT_FAILED
  }
  host.exit(code)
}

const thisProcess: ProcessHost = {
  on: (event, listener) => process.on(event, listener),
  exit: (code) => process.exit(code),
  writeError: (text) => process.stderr.write(text),
}

function listenForSignals(
  host: ProcessHost,
  { stopping, ask }: { stopping: AbortController; ask: (code: number) => void },
): void {
  const signals: readonly StopSignal[] = ['SIGTERM', 'SIGINT', 'SIGHUP']
  for (const signal of signals) {
    host.on(signal, () => {
      if (stopping.signal.aborted) {
        host.exit(EXIT_BY_SIGNAL[signal])
        return
      }
      stopping.abort()
      ask(EXIT_OK)
    })
  }
}

function reportFailure(
  error: unknown,
  { name, host, log }: { name: string; host: ProcessHost; log: Logger },
): number {
  if (error instanceof Error && isSettingsProblem(error)) {
    const lines = error.message.split('\n').map((line) => `  ${line}\n`)
    host.writeError(`${name} cannot run, wrong settings:\n${lines.join('')}`)
    return EXIT_SETTINGS
  }
  log.fatal({ err: error }, 'service failed')
  host.writeError(`${name} failed: ${error instanceof Error ? error.message : 'unknown'}\n`)
  return EXIT_FAILED
}

/** Also what a lib says of a setting only it understands, by the `kind` of its error. */
function isSettingsProblem(error: Error): boolean {
  return error instanceof SettingsError || Reflect.get(error, 'kind') === 'misconfigured'
}

async function disposeInTime(resources: AsyncDisposableStack, stopMsMax: number): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(new Error(`not stopped within ${stopMsMax} ms`))
  }, stopMsMax)
  try {
    await Promise.race([resources.disposeAsync(), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
