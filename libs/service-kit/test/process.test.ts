import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { listen } from '../src/index.ts'

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

describe('a service as a process', () => {
  it('serves its probes and stops on SIGTERM with code 0', async () => {
    const service = start({})
    const url = await service.firstLine
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const ready = await fetch(`${url}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({ failed: ['redis'] })
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('process_cpu')

    service.child.kill('SIGTERM')
    expect(await service.exitCode).toBe(0)
  })

  it('stops at once on a second signal', async () => {
    const service = start({ SLOW_STOP: '1' })
    await service.firstLine
    service.child.kill('SIGINT')
    await new Promise((resolve) => setTimeout(resolve, 100))
    service.child.kill('SIGINT')
    expect(await service.exitCode).toBe(130)
  })

  it('exits 78 with one message when a setting is wrong', async () => {
    const service = start({ HEALTH_PORT: 'x' })
    expect(await service.exitCode).toBe(78)
    expect(service.stderr()).toContain('HEALTH_PORT: must be a whole number')
  })

  it('says what to do when its port is busy', async () => {
    const other = createServer()
    const busy = await listen(other, { port: 0, host: '127.0.0.1', setting: 'PORT' })
    try {
      const service = start({ HEALTH_PORT: String(busy) })
      expect(await service.exitCode).toBe(78)
      expect(service.stderr()).toMatch(/port \d+ on 127\.0\.0\.1 is in use.*set HEALTH_PORT/)
    } finally {
      other.close()
    }
  })
})

function start(env: Record<string, string>) {
  const script = fileURLToPath(new URL('fixtures/service.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { env: { PATH: process.env['PATH'], ...env } })
  children.push(child)
  let stdout = ''
  let stderr = ''
  const firstLine = Promise.withResolvers<string>()
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    if (stdout.includes('\n')) firstLine.resolve(stdout.split('\n', 1)[0] ?? '')
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const exitCode = once(child, 'close').then(([code]: unknown[]) => code)
  return { child, exitCode, firstLine: firstLine.promise, stderr: () => stderr }
}
