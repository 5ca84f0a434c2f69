import { Redis } from 'ioredis'
import { Client } from 'tmi.js'
import { z } from 'zod'

const settingsSchema = z.object({
  port: z.number(),
  socketPath: z.string(),
  event: z.enum(['raw_message', 'message']),
})

/**
 * A logger as one writes it with tmi.js and ioredis: one XADD for each message, in the entry poglog writes. Only
 * `raw_message` has the line itself; `message` is what most people listen to, and stores the text in its place.
 */
const { port, socketPath, event } = settingsSchema.parse(JSON.parse(process.argv[2] ?? ''))
const redis = new Redis({ path: socketPath })
const client = new Client({ connection: { server: '127.0.0.1', port, secure: false } })

const add = (channelId: string, entry: readonly string[]): void => {
  void redis.xadd(`hot:${channelId}`, '*', ...entry)
}

/** The event is untyped. */
function textOf(value: unknown, name: string): string {
  const text: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return typeof text === 'string' ? text : ''
}

if (event === 'raw_message') {
  client.on('raw_message', (_copy, message) => {
    const tags: unknown = message['tags']
    const [sent, user] = [textOf(tags, 'tmi-sent-ts'), textOf(tags, 'user-id')]
    const channelId = textOf(tags, 'room-id')
    const [raw, command] = [textOf(message, 'raw'), textOf(message, 'command')]
    if (channelId !== '') add(channelId, ['r', raw, 't', sent, 'u', user, 'k', command])
  })
} else {
  client.on('message', (_channel, tags, message) => {
    const [sent, user] = [tags['tmi-sent-ts'] ?? '', tags['user-id'] ?? '']
    add(tags['room-id'] ?? '', ['r', message, 't', sent, 'u', user, 'k', 'PRIVMSG'])
  })
}

await client.connect()
process.send?.('connected')
process.on('disconnect', () => process.exit())
