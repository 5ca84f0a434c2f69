import { createInterface } from 'node:readline'
import { startChatSim } from './chat-sim.ts'
import { runControl } from './control.ts'
import { ChatSimError } from './errors.ts'
import { HELP, readFlags } from './flags.ts'

const EXIT_USAGE = 2
const PROGRESS_MS = 1000
/** A file may have thousands of channels; a line for people names some. */
const CHANNELS_SHOWN_MAX = 20

function print(value: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2))
  if (flags === 'help') {
    process.stdout.write(HELP)
    return
  }
  const sim = await startChatSim({ ...flags, onEvent: print })
  print({ event: 'listening', url: sim.url, channels: sim.channels })
  const timer = setInterval(() => {
    const { waitingFor, ...progress } = sim.progress()
    const shown = waitingFor.slice(0, CHANNELS_SHOWN_MAX)
    print({ event: 'progress', ...progress, waiting: waitingFor.length, waitingFor: shown })
  }, PROGRESS_MS)
  const control = createInterface({ input: process.stdin })
  control.on('line', (line) => {
    if (line.trim() !== '') print(runControl(sim, line))
  })
  const stop = async (): Promise<void> => {
    clearInterval(timer)
    control.close()
    await sim.stop()
    process.exit(0)
  }
  process.once('SIGTERM', () => void stop())
  process.once('SIGINT', () => void stop())
}

try {
  await main()
} catch (error) {
  if (!(error instanceof ChatSimError)) throw error
  process.stderr.write(`chat-sim: ${error.message}\n`)
  process.exitCode = EXIT_USAGE
}
