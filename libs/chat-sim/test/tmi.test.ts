import { describe, expect, it } from 'vitest'
import tmi from 'tmi.js'
import { generateLines } from '../src/index.ts'
import { fileOf, serve, until } from './client.ts'

/** tmi.js 1.8.5, the client that ingest connects with, as it comes. */
function clientOf(url: string, options: tmi.Options): tmi.Client {
  const { hostname, port } = new URL(url)
  return new tmi.Client({
    options: { debug: false, joinInterval: 300, skipUpdatingEmotesets: true },
    connection: { server: hostname, port: Number(port), secure: false, reconnect: false },
    ...options,
  })
}

describe('tmi.js', () => {
  it('connects, joins and receives every line of a replay', async () => {
    const channels = ['a', 'b', 'c']
    const lines = [
      ...generateLines({ seed: 6, channels, startMs: 0, messagesPerSecond: 9, lines: 2000 }),
    ]
    const sim = await serve({
      source: { kind: 'replay', file: await fileOf(lines.join('\n')), rate: 'max' },
    })
    const client = clientOf(sim.url, { channels })
    const raw: string[] = []
    const said: string[] = []
    client.on('raw_message', (_clone, message) => void raw.push(String(message['raw'])))
    client.on('message', (_channel, _tags, text) => void said.push(text))
    await client.connect()
    await until(() => sim.progress().done)
    await until(() => raw.at(-1) === lines.at(-1))
    expect(raw.filter((line) => lines.includes(line))).toEqual(lines)
    const plain = lines.filter((line) => line.includes(' PRIVMSG ') && !line.includes(';bits='))
    expect(said.length).toBeGreaterThanOrEqual(plain.length)
    await client.disconnect()
  })

  it('logs in with an account, and is told when the token is wrong', async () => {
    const sim = await serve({
      source: { kind: 'generate', seed: 1, channels: ['a'], messagesPerSecond: 100 },
      accounts: { ann: 'secret' },
    })
    const right = clientOf(sim.url, { identity: { username: 'ann', password: 'oauth:secret' } })
    await right.connect()
    expect(await right.join('a')).toEqual(['#a'])
    const heard = new Promise((resolve) => right.once('message', resolve))
    await heard
    await right.disconnect()
    const wrong = clientOf(sim.url, { identity: { username: 'ann', password: 'oauth:wrong' } })
    await expect(wrong.connect()).rejects.toBe('Login authentication failed')
  })
})
