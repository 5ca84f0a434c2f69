import { describe, expect, it } from 'vitest'
import { HotStoreError } from './errors.ts'
import { parseRedisUrl } from './redis-url.ts'

describe('parseRedisUrl', () => {
  it.each([
    ['redis://localhost', { host: 'localhost', port: 6379 }],
    ['redis://localhost:7000/3', { host: 'localhost', port: 7000, db: 3 }],
    ['redis://:p%40ss@h', { host: 'h', port: 6379, password: 'p@ss' }],
    ['redis://me:a:b@h', { host: 'h', port: 6379, username: 'me', password: 'a:b' }],
    ['rediss://h:1', { host: 'h', port: 1, tls: {} }],
    ['redis://[::1]:7000', { host: '::1', port: 7000 }],
    ['/run/redis.sock', { path: '/run/redis.sock' }],
    ['unix:///run/redis.sock', { path: '/run/redis.sock' }],
    ['redis+unix:///run/redis.sock?db=2', { path: '/run/redis.sock', db: 2 }],
  ])('reads %s as a single server', (url, options) => {
    expect(parseRedisUrl(url)).toEqual({ kind: 'single', options })
  })

  it('reads sentinels and the name of their master', () => {
    expect(parseRedisUrl('redis-sentinel://:pw@a:1,b/mymaster?db=4')).toEqual({
      kind: 'sentinel',
      options: {
        sentinels: [
          { host: 'a', port: 1 },
          { host: 'b', port: 26_379 },
        ],
        name: 'mymaster',
        password: 'pw',
        db: 4,
      },
    })
  })

  it('reads the nodes of a cluster', () => {
    expect(parseRedisUrl('rediss-cluster://a:1,b')).toEqual({
      kind: 'cluster',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 6379 },
      ],
      options: { tls: {} },
    })
  })

  it.each([
    'http://h',
    'h:6379',
    '',
    'redis://',
    'redis://a,b',
    'redis://h:70000',
    'redis://h/x',
    'redis://%zz:secret@h',
    'unix://relative.sock',
    'redis-sentinel://a',
    'redis-cluster://a/1',
  ])('refuses %j without repeating it', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(HotStoreError)
    expect(() => parseRedisUrl(url)).toThrow(expect.objectContaining({ kind: 'misconfigured' }))
    expect(() => parseRedisUrl(url)).not.toThrow(/secret/)
  })
})
