import { describe, expect, it } from 'vitest'
import { HotStoreError, toHotStoreError } from './errors.ts'

describe('toHotStoreError', () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", 'full'],
    [
      "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
      'full',
    ],
    ['MISCONF Errors writing to the AOF file: No space left on device', 'full'],
    ['MISCONF Redis is configured to save RDB snapshots, but is unable to persist', 'unavailable'],
    ['READONLY Can not run script with write flag on readonly replica.', 'unavailable'],
    ['LOADING Redis is loading the dataset in memory', 'unavailable'],
    ['CLUSTERDOWN The cluster is down', 'unavailable'],
    ['MASTERDOWN Link with MASTER is down', 'unavailable'],
    ['NOREPLICAS Not enough good replicas to write.', 'unavailable'],
    ['connect ECONNREFUSED 127.0.0.1:6379', 'unavailable'],
    ['Command timed out', 'unavailable'],
    ['NOAUTH Authentication required.', 'misconfigured'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'misconfigured'],
    ["NOPERM this user has no permissions to run the 'xadd' command", 'misconfigured'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'corrupt'],
    ['ERR user_script:12: attempt to compare nil with number script: 0', 'corrupt'],
    ['CORRUPT manifest entry 3', 'corrupt'],
  ])('reads %j as %s', (message, kind) => {
    const cause = new Error(message)
    expect(toHotStoreError(cause)).toMatchObject({ name: 'HotStoreError', kind, cause })
  })

  it('passes its own errors through', () => {
    const error = new HotStoreError('invalid', 'x')
    expect(toHotStoreError(error)).toBe(error)
  })
})
