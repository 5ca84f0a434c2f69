import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EXIT_CONFIG } from '../src/problem.ts'
import { Supervised } from '../src/supervised.ts'
import type { ProcessSpec } from '../src/supervised.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'poglog-supervised-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

function supervise(
  script: string,
  onLine?: (line: string) => void,
  more: Partial<ProcessSpec> = {},
): Supervised {
  return new Supervised({
    name: 'part',
    command: [process.execPath, '-e', script],
    logFile: join(dir, 'part.log'),
    ...(onLine && { onLine }),
    ...more,
  })
}

describe('Supervised', () => {
  it('starts a process again that was killed, and not one that was stopped', async () => {
    const lines: string[] = []
    const part = supervise('console.log(process.pid); setInterval(() => {}, 1000)', (line) =>
      lines.push(line),
    )
    part.start()
    await vi.waitFor(() => expect(lines).toHaveLength(1), 10_000)
    process.kill(part.pid ?? 0, 'SIGKILL')
    await vi.waitFor(() => expect(lines).toHaveLength(2), 10_000)
    expect(part.restarts).toBe(1)
    await part.stop(5000)
    expect(lines[0]).not.toBe(lines[1])
    expect(await readFile(join(dir, 'part.log'), 'utf8')).toContain('part ended (SIGKILL)')
  })

  it('makes the folder of a process again that was deleted with what was in it', async () => {
    const lines: string[] = []
    const folder = join(dir, 'data')
    const script = `console.log(fs.readdirSync(${JSON.stringify(folder)}).length)
      fs.writeFileSync(${JSON.stringify(join(folder, 'file'))}, '')
      setInterval(() => {}, 1000)`
    const part = supervise(script, (line) => lines.push(line), { folder })
    part.start()
    await vi.waitFor(() => expect(lines).toEqual(['0']), 10_000)
    await rm(folder, { recursive: true })
    process.kill(part.pid ?? 0, 'SIGKILL')
    await vi.waitFor(() => expect(lines).toEqual(['0', '0']), 10_000)
    await part.stop(5000)
  })

  it('kills a process that does not stop in time', async () => {
    const lines: string[] = []
    const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')"
    const part = supervise(script, (line) => lines.push(line))
    part.start()
    await vi.waitFor(() => expect(lines).toEqual(['up']), 10_000)
    const startedMs = Date.now()
    await part.stop(300)
    expect(Date.now() - startedMs).toBeLessThan(3000)
  })

  it('gives up on wrong settings with what the process said', async () => {
    const part = supervise(`console.error('PORT is wrong'); process.exitCode = ${EXIT_CONFIG}`)
    part.start()
    await expect(part.failed).rejects.toThrow('PORT is wrong')
    await expect(part.failed).rejects.toHaveProperty('exitCode', EXIT_CONFIG)
    await part.stop(1000)
  })
})
