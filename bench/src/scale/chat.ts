import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { Program } from '../ingest/program.ts'

const SERVER = fileURLToPath(new URL('chat-server.ts', import.meta.url))
const portSchema = z.object({ port: z.number() })
const preparedSchema = z.object({ frames: z.number(), records: z.number() })
const startedSchema = z.object({ isStarted: z.literal(true) })
const sentSchema = z.object({ tookMs: z.number(), undelivered: z.number() })

/** Whose chat it is; see `generateLines`. */
export interface ChatPlan {
  readonly seed: number
  readonly channels: number
  readonly chatters: number
}

export interface Story {
  /** Another one for each story, or its lines would be known. */
  readonly storySeed: number
  readonly perSecond: number
  readonly lines: number
}

export interface Prepared {
  readonly frames: number
  /** How many records the lines are: fewer where equal ones come again. */
  readonly records: number
}

export interface Sent {
  readonly tookMs: number
  /** Lines whose connection had been closed. */
  readonly undelivered: number
}

/** Twitch for any number of connections, in a process of its own. */
export interface ManyChats extends AsyncDisposable {
  readonly pid: number
  readonly url: string
  /** Makes the frames of some lines, for those who have joined by now. */
  prepare(story: Story): Promise<Prepared>
  /** Begins to send what was prepared. */
  go(): Promise<void>
  /** Once all is sent; ask right after it began. */
  sent(): Promise<Sent>
}

export async function startManyChats(plan: ChatPlan): Promise<ManyChats> {
  const program = new Program({ path: SERVER, args: [JSON.stringify(plan)] })
  const { port } = await program.told(portSchema)
  return {
    pid: program.pid,
    url: `ws://127.0.0.1:${port}`,
    async prepare(story) {
      const prepared = program.told(preparedSchema)
      program.send({ order: 'prepare', ...story })
      return await prepared
    },
    async go() {
      const started = program.told(startedSchema)
      program.send({ order: 'go' })
      await started
    },
    sent: () => program.told(sentSchema),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}
