import type { ChatSim } from './types.ts'

type Answer = Record<string, unknown>

/**
 * Runs one line of the control protocol, for a simulator in a process of its own.
 *
 * Never throws: the answer's `ok` is false and `error` says why.
 */
export function runControl(sim: ChatSim, line: string): Answer {
  const [command = '', ...words] = line.trim().split(/\s+/)
  const action = ACTIONS.get(command)
  if (action === undefined) return failed(command, `unknown command: ${command}`)
  const values = words.map(Number)
  const isNumeric = values.every((value) => Number.isInteger(value) && value >= 0)
  if (action.takes === 'numbers' && (!isNumeric || words.length < action.least)) {
    return failed(command, `${command} takes ${action.least} or more whole numbers`)
  }
  const rest = line.trim().slice(command.length).trimStart()
  if (action.takes === 'text' && rest === '') return failed(command, `${command} takes a text`)
  const result = action.takes === 'numbers' ? action.run(sim, values) : action.run(sim, rest)
  return { event: 'control', command, ok: true, ...result }
}

type Result = Answer | undefined

type Action =
  | {
      readonly takes: 'numbers'
      readonly least: number
      readonly run: (sim: ChatSim, numbers: readonly number[]) => Result
    }
  | { readonly takes: 'text'; readonly run: (sim: ChatSim, text: string) => Result }

function numbers(least: number, run: (sim: ChatSim, numbers: readonly number[]) => void): Action {
  return {
    takes: 'numbers',
    least,
    run: (sim, values) => {
      run(sim, values)
      return undefined
    },
  }
}

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['drop', numbers(0, (sim, [connection]) => sim.drop({ connection }))],
  [
    'stall',
    numbers(1, (sim, [durationMs = 0, connection]) => sim.stall(durationMs, { connection })),
  ],
  [
    'reconnect',
    numbers(0, (sim, [closeAfterMs = 5000, connection]) =>
      sim.reconnect({ closeAfterMs, connection }),
    ),
  ],
  ['refuse', numbers(1, (sim, [durationMs = 0]) => sim.refuse(durationMs))],
  ['delay-pong', numbers(1, (sim, [delayMs = 0]) => sim.delayPong(delayMs))],
  ['duplicate', numbers(1, (sim, [count = 0]) => sim.duplicate(count))],
  ['split', numbers(1, (sim, [count = 0]) => sim.split(count))],
  ['malformed', numbers(1, (sim, [count = 0]) => sim.malformed(count))],
  [
    'connections',
    { takes: 'numbers', least: 0, run: (sim) => ({ connections: sim.connections() }) },
  ],
  ['progress', { takes: 'numbers', least: 0, run: (sim) => ({ progress: sim.progress() }) }],
  [
    'suspend',
    {
      takes: 'text',
      run: (sim, channel) => {
        sim.suspend(channel)
        return undefined
      },
    },
  ],
  [
    'inject',
    {
      takes: 'text',
      run: (sim, line) => {
        sim.inject([line])
        return undefined
      },
    },
  ],
])

function failed(command: string, error: string): Answer {
  return { event: 'control', command, ok: false, error }
}
