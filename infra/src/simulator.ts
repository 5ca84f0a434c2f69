import { z } from 'zod'
import { nodeCommand, type PartSpec } from './launcher.ts'
import { DEMO_CHANNELS, type StartPlan } from './start-options.ts'

const DEMO_MESSAGES_PER_SECOND = '25'
/** How chat-sim ends when its file is of no use. */
const EXIT_USAGE = 2

const eventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('listening'), url: z.string(), channels: z.array(z.string()) }),
  z.object({
    event: z.literal('progress'),
    sent: z.number(),
    total: z.number().optional(),
    skipped: z.number(),
    done: z.boolean(),
    waiting: z.number(),
  }),
  z.object({ event: z.literal('done'), sent: z.number() }),
])

/** Where chat-sim listens, and the channels of its file or of its made-up chat. */
export interface Listening {
  readonly url: string
  readonly channels: readonly string[]
}

/** How far a replay is. `waiting` counts the channels nobody has joined yet. */
export interface ReplayState {
  readonly sent: number
  readonly total: number
  readonly skipped: number
  readonly waiting: number
  readonly done: boolean
}

export interface SimulatorProgress {
  readonly listening: Promise<Listening>
  latest(): ReplayState
}

/** chat-sim as a process of its own, replaying the plan's file or making up the demo's chat. */
export function simulatorPart(
  plan: StartPlan,
  port: number,
): { part: PartSpec; progress: SimulatorProgress } {
  const { promise: listening, resolve } = Promise.withResolvers<Listening>()
  let isListening = false
  let state: ReplayState = { sent: 0, total: 0, skipped: 0, waiting: 0, done: false }
  const onLine = (line: string): void => {
    const event = eventSchema.safeParse(parseJson(line))
    if (!event.success) return
    if (event.data.event === 'listening') {
      isListening = true
      resolve(event.data)
    }
    if (event.data.event === 'done') state = { ...state, sent: event.data.sent, done: true }
    if (event.data.event === 'progress') state = { ...event.data, total: event.data.total ?? 0 }
  }
  const args = [...sourceArgs(plan), '--port', String(port)]
  const command = nodeCommand('libs/chat-sim/src/main.ts', ...args)
  const part: PartSpec = {
    name: 'chat-sim',
    tier: 'sources',
    command,
    onLine,
    isHealthy: () => Promise.resolve(isListening),
    exitCodeUsage: EXIT_USAGE,
  }
  return { part, progress: { listening, latest: () => state } }
}

function sourceArgs({ replayFile, rate }: StartPlan): string[] {
  if (replayFile !== undefined) return ['--replay', replayFile, '--rate', String(rate)]
  return [
    '--generate',
    '--channels',
    DEMO_CHANNELS.join(','),
    '--messages-per-second',
    DEMO_MESSAGES_PER_SECOND,
  ]
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
