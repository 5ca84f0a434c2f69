import { describe, expect, it } from 'vitest'
import { serverProblem } from './server-problem.ts'

const info = (...lines: string[]): string => ['# Server', ...lines, ''].join('\r\n')

describe('serverProblem', () => {
  it('accepts Redis 7.0 and newer, and every Valkey', () => {
    expect(
      serverProblem(info('redis_version:7.0.15', 'maxmemory_policy:noeviction')),
    ).toBeUndefined()
    expect(serverProblem(info('redis_version:10.1.0'))).toBeUndefined()
    expect(serverProblem(info('redis_version:6.2.4', 'valkey_version:8.0.1'))).toBeUndefined()
  })

  it('says which version to use instead of an old one', () => {
    expect(serverProblem(info('redis_version:6.2.14'))).toMatch(
      /6\.2\.14 is too old: use Redis 7\.0/,
    )
    expect(serverProblem(undefined)).toMatch(/unknown is too old/)
  })

  it('refuses a server that would evict log lines', () => {
    const problem = serverProblem(info('redis_version:7.2.0', 'maxmemory_policy:allkeys-lru'))
    expect(problem).toMatch(/allkeys-lru.*set it to noeviction/)
  })
})
