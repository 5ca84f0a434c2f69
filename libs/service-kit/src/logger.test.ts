import { describe, expect, it } from 'vitest'
import { createLogger } from './logger.ts'

describe('createLogger', () => {
  it('writes one JSON object a line, with level as a word and time in RFC 3339', () => {
    const [line] = logged((log) => {
      log.info({ records: 3 }, 'sealed')
    })
    expect(line).toMatchObject({ level: 'info', name: 'test', records: 3, msg: 'sealed' })
    expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  })

  it('writes an error with its cause', () => {
    const [line] = logged((log) => {
      log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed')
    })
    expect(JSON.stringify(line)).toContain('inner')
  })

  it('writes nothing below its level', () => {
    expect(logged((log) => log.debug('x'))).toEqual([])
  })

  it('removes secrets', () => {
    const names = ['password', 'token', 'secret', 'authorization', 'apiKey', 'x-api-key']
    const secrets = Object.fromEntries(names.map((name) => [name, 'abc']))
    const lines = logged((log) => log.info({ ...secrets, settings: secrets }, 'x'))
    expect(JSON.stringify(lines)).not.toContain('abc')
  })

  it('leaves out the command that ioredis hangs on an error, which may hold a password', () => {
    const refused = Object.assign(new Error('WRONGPASS'), {
      kind: 'denied',
      command: { name: 'hello', args: ['3', 'AUTH', 'default', 'abc'] },
    })
    const outer = Object.assign(new AggregateError([refused], 'failed', { cause: refused }), {
      lastError: refused,
    })
    const lines = logged((log) => {
      log.error({ err: refused }, 'failed')
      log.error({ err: outer }, 'failed')
    })
    expect(lines[0]).toMatchObject({ err: { message: 'WRONGPASS', kind: 'denied' } })
    expect(lines[1]).toMatchObject({ err: { aggregateErrors: [{ kind: 'denied' }] } })
    expect(JSON.stringify(lines)).not.toContain('abc')
  })
})

function logged(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = []
  const destination = {
    write(text: string) {
      const line: unknown = JSON.parse(text)
      if (typeof line === 'object' && line !== null) lines.push({ ...line })
    },
  }
  write(createLogger({ name: 'test', destination }))
  return lines
}
