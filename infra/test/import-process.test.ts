import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chat, sorted, startLogWorld } from './support/log-world.ts'
import type { LogWorld } from './support/log-world.ts'

let world: LogWorld
beforeEach(async () => {
  world = await startLogWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

async function write(name: string, lines: readonly string[]): Promise<string> {
  const path = world.path(name)
  await writeFile(path, lines.map((line) => `${line}\n`).join(''))
  return path
}

describe('poglog import', () => {
  it(
    'reads standard input, and reports what became of the lines',
    { timeout: 120_000 },
    async () => {
      const lines = chat(100)
      const input = gzipSync([...lines, '@broken', 'PING x'].join('\n'))
      const data = world.path('data')
      const done = await world.run(['import', '--data', data, '-'], input)
      expect(done.code).toBe(0)
      const report = done.stdout.replaceAll(/ +/g, ' ').split('\n')
      expect(report).toContain('read 102 lines of 1 source')
      expect(report.find((row) => row.startsWith('stored 100 '))).toBeDefined()
      expect(report).toContain('rejected 1 malformed 1')
      expect(report.find((row) => row.startsWith('rejected lines, and why: '))).toContain(data)

      const exported = await world.run(['export', '--data', data])
      expect(exported.code).toBe(0)
      expect(sorted(exported.stdout.trimEnd().split('\n'))).toEqual(sorted(lines))
      expect(exported.stderr).toContain('exported 100 records')
    },
  )

  it('fails when a source is not there, or nothing runs', { timeout: 120_000 }, async () => {
    const gone = await world.run(['import', '--data', world.path('data'), world.path('gone.txt')])
    expect(gone).toMatchObject({ code: 1, stdout: '' })
    expect(gone.stderr).toContain('there is no such file')
    const cut = world.path('cut.gz')
    await writeFile(cut, gzipSync(chat(50).join('\n')).subarray(0, 2000))
    const failed = await world.run(['import', '--data', world.path('data'), cut])
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain(`cannot read ${cut} to the end: unexpected end of file`)
  })

  it(
    'loses and doubles nothing when it is killed and run again',
    { timeout: 240_000 },
    async () => {
      const lines = chat(3000, Date.UTC(2024, 2, 1), { seed: 3, messagesPerSecond: 0.01 })
      const file = await write('chat.txt', lines)
      const command = ['import', '--data', world.path('data'), file]
      for (const afterObjects of [1, 6, 12]) {
        const child = world.start(command)
        const ended = once(child, 'close')
        while (child.exitCode === null && (await objectCount()) < afterObjects) await sleep(5)
        child.kill('SIGKILL')
        await ended
      }
      const last = await world.run(command)
      expect(last.code).toBe(0)
      expect(last.stderr).not.toContain('warning')
      expect(sorted(await world.export())).toEqual(sorted(lines))
      const byChannel = (await world.segments()).filter(
        (entry) => entry.projection === 'by-channel',
      )
      expect(byChannel.reduce((sum, { records }) => sum + records, 0)).toBe(lines.length)
    },
  )

  it(
    'stops at Ctrl-C, says that the rest is to do, and goes on',
    { timeout: 120_000 },
    async () => {
      const lines = chat(2000, Date.UTC(2024, 2, 1), { seed: 3, messagesPerSecond: 0.01 })
      const file = await write('chat.txt', lines)
      const command = ['import', '--data', world.path('data'), file]
      const child = world.start(command)
      const [stderr, ended] = [text(child.stderr), once(child, 'close')]
      while (child.exitCode === null && (await objectCount()) < 1) await sleep(5)
      child.kill('SIGINT')
      await ended
      expect(child.exitCode).toBe(130)
      expect(await stderr).toContain('poglog: stopped; what was stored until now stays')
      expect(await world.run(command)).toMatchObject({ code: 0 })
      expect(sorted(await world.export())).toEqual(sorted(lines))
    },
  )

  it('says clearly that Redis has gone away', { timeout: 120_000 }, async () => {
    const file = await write(
      'chat.txt',
      chat(3000, Date.UTC(2024, 2, 1), { messagesPerSecond: 0.01 }),
    )
    const child = world.start(['import', '--data', world.path('data'), file])
    const [stderr, ended] = [text(child.stderr), once(child, 'close')]
    while (child.exitCode === null && (await objectCount()) < 1) await sleep(5)
    await world.server.kill()
    await ended
    expect(child.exitCode).toBe(1)
    expect(await stderr).toMatch(/^poglog: hot store unavailable.*run the same command again/m)
  })
})

async function objectCount(): Promise<number> {
  const objects = await world.objects().catch(() => [])
  return objects.length
}
