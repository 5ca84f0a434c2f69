import { describe, expect, it } from 'vitest'
import { checkSettings } from './settings.ts'

describe('settings', () => {
  it('name a bucket with a prefix, and default to AWS', () => {
    expect(checkSettings({ url: 's3://logs/a/b/' })).toEqual({
      kind: 's3',
      bucket: 'logs',
      prefix: 'a/b/',
      endpoint: undefined,
      region: 'us-east-1',
      forcePathStyle: false,
      concurrency: 16,
      timeoutMs: 30_000,
      attempts: 5,
      partBytes: 16 * 1024 ** 2,
      credentials: undefined,
    })
  })

  it('put the bucket into the path when an endpoint is given, unless told otherwise', () => {
    const settings = { url: 's3://logs', endpoint: 'http://127.0.0.1:9000' }
    expect(checkSettings(settings)).toMatchObject({ prefix: '', forcePathStyle: true })
    expect(checkSettings({ ...settings, forcePathStyle: false })).toMatchObject({
      forcePathStyle: false,
    })
  })

  it('name a folder', () => {
    const folder = { kind: 'folder', path: '/var/lib/poglog', concurrency: 2 }
    expect(checkSettings({ url: 'file:///var/lib/poglog/', concurrency: 2 })).toEqual(folder)
  })

  it.each([
    [{ url: '' }, 'url must be'],
    [{ url: '/var/lib' }, 'url must be'],
    [{ url: 'https://logs.s3.amazonaws.com' }, 'url must be'],
    [{ url: 's3://' }, 'bucket name'],
    [{ url: 's3://UP_PER' }, 'bucket name'],
    [{ url: 's3://logs/a/%2e%2e%2fb' }, 'bad object key'],
    [{ url: 's3://logs/%zz' }, 'not a valid url'],
    [{ url: 's3://logs', endpoint: 'localhost:9000' }, 'endpoint must be'],
    [{ url: 's3://logs', concurrency: 0 }, 'concurrency must be'],
    [{ url: 's3://logs', timeoutMs: 0.5 }, 'timeoutMs must be'],
    [{ url: 's3://logs', attempts: 21 }, 'attempts must be'],
    [{ url: 's3://logs', partBytes: 0 }, 'partBytes must be'],
  ])('refuse %o', (settings, message) => {
    expect(() => checkSettings(settings)).toThrow(message)
  })
})
