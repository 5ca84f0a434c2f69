import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventually, runPoglog, startPoglog, temporaryFolder } from './poglog.ts'

describe('poglog start', () => {
  it('runs the demo whose first query answers, and stops in under ten seconds', async () => {
    await using folder = await temporaryFolder()
    const poglog = await startPoglog({ data: join(folder.path, 'data') })
    const query = /curl '(\S+\/logs\?limit=5&format=text)'/.exec(poglog.output())?.[1] ?? ''
    await eventually(async () => {
      const answer = await fetch(query)
      return answer.ok && (await answer.text()).trim().split('\n').length === 5
    }, 30_000)
    expect(await poglog.stop()).toBeLessThan(10_000)
  })

  it('says what to do about a busy port, before it starts anything', async () => {
    await using folder = await temporaryFolder()
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? String(address.port) : ''
    const { code, output } = await runPoglog(['start', '--port', port, '--data', folder.path])
    server.close()
    expect(code).toBe(1)
    expect(output).toContain(`port ${port} on 127.0.0.1 is in use: choose another with --port`)
  })

  it('refuses a data folder of a newer version', async () => {
    await using folder = await temporaryFolder()
    await mkdir(folder.path, { recursive: true })
    await writeFile(join(folder.path, 'poglog.json'), '{"version": 999}')
    const { code, output } = await runPoglog(['start', '--data', folder.path])
    expect(code).toBe(1)
    expect(output).toContain('was written by a newer poglog')
  })

  it('lists every wrong option at once', async () => {
    await using folder = await temporaryFolder()
    const args = [
      '--rate',
      'fast',
      '--replicas',
      '0',
      '--channels',
      'a b',
      '--replay',
      'nothing.txt',
    ]
    const { code, output } = await runPoglog(['start', '--data', folder.path, ...args])
    expect(code).toBe(1)
    for (const option of ['--rate', '--replicas', '--channels', '--replay']) {
      expect(output).toContain(`${option}:`)
    }
  })

  it('says why a file cannot be replayed, and stops what it had started', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'no-chat.txt')
    await writeFile(file, 'this is no chat\n')
    const args = ['start', '--data', join(folder.path, 'data'), '--replay', file]
    const { code, output } = await runPoglog(args)
    expect(code).toBe(1)
    expect(output).toContain('no line of the file names a channel')
  })

  it('lists every wrong setting of a part at once', async () => {
    await using folder = await temporaryFolder()
    const env = { OBJECT_STORE: 'ftp://nowhere', SEAL_RECORDS_MAX: 'many', LOG_LEVEL: 'loud' }
    const { code, output } = await runPoglog(['start', '--data', folder.path], env)
    expect(code).toBe(78)
    for (const name of Object.keys(env)) expect(output).toContain(name)
  })

  it('answers 503 with Retry-After while Redis is away, and comes back by itself', async () => {
    await using folder = await temporaryFolder()
    const poglog = await startPoglog({ data: join(folder.path, 'data') })
    const query = `${poglog.api}/channels`
    const redis = await poglog.pidOf('redis')
    process.kill(redis, 'SIGSTOP')
    await eventually(async () => {
      const answer = await fetch(query)
      return answer.status === 503 && answer.headers.has('retry-after')
    }, 20_000)
    process.kill(redis, 'SIGCONT')
    await eventually(async () => (await fetch(query)).ok, 20_000)
    expect(await poglog.stop()).toBeLessThan(10_000)
  })
})
