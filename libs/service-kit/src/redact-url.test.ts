import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactUrl } from './redact-url.ts'

describe('redactUrl', () => {
  it.each([
    ['redis://127.0.0.1:6379/0', 'redis://127.0.0.1:6379/0'],
    ['redis://user:pw@host:6379', 'redis://***@host:6379'],
    ['rediss://:p@ss/w@host', 'rediss://***@host'],
    ['redis+sentinel://:pw@a:1,b:2/main', 'redis+sentinel://***@a:1,b:2/main'],
    ['redis://h?db=1&password=pw#x', 'redis://h?db=1&password=***#x'],
    ['/run/redis.sock?sessionToken=abc', '/run/redis.sock?sessionToken=***'],
    ['s3://bucket/prefix', 's3://bucket/prefix'],
  ])('shows %s as %s', (text, shown) => {
    expect(redactUrl(text)).toBe(shown)
  })

  it('never shows a password, whatever characters it has', () => {
    const password = fc.stringMatching(/^[\x21-\x7e]{8,40}$/)
    fc.assert(
      fc.property(password, (pw) => {
        expect(redactUrl(`redis://u:${pw}@host:1/2`)).not.toContain(pw)
      }),
    )
  })
})
