import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { fileOf, messages, TestClient, until } from './client.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

interface Run {
  readonly process: ChildProcessWithoutNullStreams
  readonly events: Record<string, unknown>[]
  readonly errors: string[]
  readonly exitCode: Promise<number | null>
}

const runs: Run[] = []

afterEach(() => {
  for (const started of runs.splice(0)) started.process.kill('SIGKILL')
})

function run(...flags: string[]): Run {
  const child = spawn(process.execPath, [MAIN, ...flags])
  const events: Record<string, unknown>[] = []
  const errors: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) events.push(eventOf(line))
  })
  child.stderr.on('data', (data) => errors.push(String(data)))
  const exitCode = new Promise<number | null>((resolve) => {
    child.on('exit', resolve)
  })
  const started = { process: child, events, errors, exitCode }
  runs.push(started)
  return started
}

function eventOf(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line)
  if (typeof value !== 'object' || value === null) throw new Error(`no event: ${line}`)
  return { ...value }
}

function named({ events }: Run, name: string): Record<string, unknown>[] {
  return events.filter(({ event }) => event === name)
}

describe('the process', () => {
  it('says where it listens, then how far it is each second, and ends with 0 on SIGTERM', async () => {
    const server = run('--replay', await fileOf(messages('a', 50).join('\n')), '--rate', 'max')
    await until(() => server.events.length > 0)
    const [listening] = server.events
    expect(listening).toMatchObject({ event: 'listening', channels: ['a'] })
    const client = await new TestClient(String(listening?.['url'])).open()
    client.send('CAP REQ :twitch.tv/tags twitch.tv/commands\r\nNICK justinfan1\r\nJOIN #a')
    await until(() => named(server, 'progress').some(({ done }) => done === true))
    expect(client.chat()).toHaveLength(50)
    expect(named(server, 'progress').at(-1)).toMatchObject({ sent: 50, total: 50, waiting: 0 })
    expect(named(server, 'done')).toHaveLength(1)
    server.process.kill('SIGTERM')
    expect(await server.exitCode).toBe(0)
    expect(server.errors).toEqual([])
  })

  it('takes commands on standard input', async () => {
    const server = run('--generate', '--channels', 'a,b', '--messages-per-second', '200')
    await until(() => server.events.length > 0)
    const client = await new TestClient(String(server.events[0]?.['url'])).open()
    client.send('NICK justinfan1\r\nJOIN #a,#b')
    await until(() => client.lines.length > 50)
    server.process.stdin.write('bogus\ndrop\n')
    await until(() => client.isClosed)
    await until(() => named(server, 'closed').length === 1)
    await until(() => named(server, 'control').length === 2)
    expect(named(server, 'control').map(({ ok }) => ok)).toEqual([false, true])
  })

  it.each([
    [['--replay', '/nonexistent/file'], 'cannot read'],
    [['--generate', '--port', '99999'], '--port'],
    [[], 'give either'],
  ])('ends with 2 and one sentence for %j', async (flags, reason) => {
    const server = run(...flags)
    expect(await server.exitCode).toBe(2)
    expect(server.errors.join('')).toMatch(new RegExp(`^chat-sim: .*${reason}.*\n$`))
  })

  it('ends with 2 when the file is empty or names no channel', async () => {
    for (const content of ['', 'PING\n']) {
      const server = run('--replay', await fileOf(content))
      expect(await server.exitCode).toBe(2)
    }
  })

  it('explains itself', async () => {
    const server = run('--help')
    let help = ''
    server.process.stdout.on('data', (data) => {
      help += String(data)
    })
    expect(await server.exitCode).toBe(0)
    expect(help).toContain('--replay FILE')
  })
})
