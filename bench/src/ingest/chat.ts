import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Lines } from './lines.ts'
import { Program } from './program.ts'

const SERVER = fileURLToPath(new URL('chat-server.ts', import.meta.url))
const portSchema = z.object({ port: z.number() })
const startedSchema = z.object({ startedMs: z.number() })
const sentSchema = z.object({ sentMs: z.array(z.number()) })

/** Twitch, in a process of its own, with lines ready to be sent. */
export interface Chat extends AsyncDisposable {
  readonly port: number
  /** Begins to send some of the lines, as fast as they are taken or so many a second. */
  go(share: { from: number; to: number; perSecond?: number }): Promise<void>
  /** When each line was sent, in milliseconds since the Unix epoch, once all were; for a paced run. */
  sent(): Promise<readonly number[]>
}

export async function startChat({ path, channels }: Lines): Promise<Chat> {
  const plan = { path, channels }
  const program = new Program({ path: SERVER, args: [JSON.stringify(plan)] })
  const { port } = await program.told(portSchema)
  return {
    port,
    async go(share) {
      const started = program.told(startedSchema)
      program.send(share)
      await started
    },
    sent: async () => (await program.told(sentSchema)).sentMs,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}
