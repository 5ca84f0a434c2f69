import { describe, expect, it } from 'vitest'
import { ObjectStoreError } from './errors.ts'
import { folderError } from './folder-errors.ts'
import { s3Error } from './s3-errors.ts'

describe('an error of S3', () => {
  it.each([
    ['NoSuchBucket', 404, 'denied', 'the bucket does not exist'],
    ['AccessDenied', 403, 'denied', 's3:ListBucket'],
    ['SomethingNew', 403, 'denied', 'SomethingNew 403'],
    ['CredentialsProviderError', undefined, 'denied', 'AWS_ACCESS_KEY_ID'],
    ['QuotaExceeded', 403, 'full', 'QuotaExceeded'],
    ['InsufficientStorage', 507, 'full', 'InsufficientStorage'],
    ['BadDigest', 400, 'corrupt', 'BadDigest'],
    ['DamagedBodyError', undefined, 'corrupt', 'DamagedBodyError'],
    ['SlowDown', 503, 'unavailable', 'SlowDown: said so'],
    ['TimeoutError', undefined, 'unavailable', 'TimeoutError: said so'],
    ['constructor', 500, 'unavailable', 'constructor: said so'],
  ])('%s with status %s becomes %s', (...[name, httpStatusCode, kind, reason]) => {
    const cause = Object.assign(new Error('said so'), { name, $metadata: { httpStatusCode } })
    const error = s3Error('a/b', cause)
    expect(error).toMatchObject({ name: 'ObjectStoreError', kind, key: 'a/b', cause })
    expect(error.message).toContain(`object store ${kind}: a/b (`)
    expect(error.message).toContain(reason)
  })

  it('passes as it is when it is one of ours', () => {
    const error = new ObjectStoreError('full', 'a')
    expect(s3Error('b', error)).toBe(error)
  })

  it('becomes unavailable when it is no error at all', () => {
    expect(s3Error('a', 'text')).toMatchObject({ kind: 'unavailable' })
  })
})

describe('an error of the file system', () => {
  it.each([
    ['ENOSPC', 'full'],
    ['EDQUOT', 'full'],
    ['EACCES', 'denied'],
    ['EROFS', 'denied'],
    ['EIO', 'unavailable'],
    ['EMFILE', 'unavailable'],
  ])('%s becomes %s', (code, kind) => {
    const cause = Object.assign(new Error('said so'), { code })
    expect(folderError('a', cause)).toMatchObject({ kind, key: 'a', cause })
  })

  it('stays what it is when it is a broken assumption', () => {
    const error = new TypeError('broken')
    expect(folderError('a', error)).toBe(error)
  })
})
