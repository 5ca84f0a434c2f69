import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { assertAnswer, totalOf, type Answered } from './s3-answer.ts'

const BYTES = Buffer.from('0123456789')
const MD5 = createHash('md5').update(BYTES).digest('hex')

describe('an answer to a get', () => {
  it('is taken when it is the part that was asked for', () => {
    expect(() => check('bytes=2-4', part('bytes 2-4/10', '234'))).not.toThrow()
    expect(() => check('bytes=7-90', part('bytes 7-9/10', '789'))).not.toThrow()
    expect(() => check('bytes=0-', part('bytes 0-9/10', '0123456789'))).not.toThrow()
    expect(() => check('bytes=0-', part('bytes 0-9/10', '0123456789', MD5))).not.toThrow()
    expect(() => check('bytes=0-1', part('bytes 0-1/10', '01', MD5))).not.toThrow()
  })

  it.each([
    ['bytes=2-4', part('bytes 2-4/10', '23'), 'BadAnswerError'],
    ['bytes=2-4', part('bytes 2-4/10', '2345'), 'BadAnswerError'],
    ['bytes=2-4', { ...part('', '234'), headers: {} }, 'BadAnswerError'],
    ['bytes=2-4', part('bytes 2-4/*', '234'), 'BadAnswerError'],
    ['bytes=2-4', { ...part('bytes 2-4/10', '234'), statusCode: 200 }, 'BadAnswerError'],
    ['bytes=0-', { statusCode: 200, headers: {}, bytes: BYTES }, 'BadAnswerError'],
    ['bytes=2-4', part('bytes 3-5/10', '345'), 'DamagedBodyError'],
    ['bytes=2-4', part('bytes 2-3/10', '23'), 'DamagedBodyError'],
    ['bytes=0-', part('bytes 0-9/10', '0123456780', MD5), 'DamagedBodyError'],
  ])('to %s is refused when it is %o', (range, answered, name) => {
    expect(() => check(range, answered)).toThrow(expect.objectContaining({ name }))
  })
})

describe('an answer to a listing', () => {
  it.each(['<ListBucketResult></ListBucketResult>\n', '<?xml?><ListBucketResult xmlns="x"/>'])(
    'is taken when it is %s',
    (xml) => {
      expect(() => assertAnswer({ method: 'GET', headers: {} }, document(xml))).not.toThrow()
    },
  )

  it.each(['', '<html></html>', '<ListBucketResult><Contents>', '</ListBucketResult>'])(
    'is refused when it is %s',
    (xml) => {
      expect(() => assertAnswer({ method: 'GET', headers: {} }, document(xml))).toThrow(
        'no complete ListBucketResult came',
      )
    },
  )
})

describe('an answer to an upload in parts', () => {
  const created = '<InitiateMultipartUploadResult></InitiateMultipartUploadResult>'
  const completed = '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>'

  it('is taken when it is of its kind, also after the blanks that keep a connection open', () => {
    expect(ask({ uploads: '' }, created)).not.toThrow()
    expect(ask({ uploadId: 'u' }, `   \n${completed}`)).not.toThrow()
  })

  it('is refused when it is of another kind or an error', () => {
    expect(ask({ uploads: '' }, completed)).toThrow('no complete Initiate')
    expect(ask({ uploadId: 'u' }, created)).toThrow('no complete Complete')
    const error = '<?xml version="1.0"?>\n<Error><Code>SlowDown</Code></Error>'
    expect(ask({ uploadId: 'u' }, error)).toThrow('the error SlowDown came as a success')
  })
})

it('tells the size of an object only when it is a number', () => {
  expect(totalOf('bytes 0-0/123')).toBe(123)
  for (const range of [undefined, '', 'bytes 0-0/*', 'bytes 0-0/12345678901234567890']) {
    expect(totalOf(range)).toBeUndefined()
  }
})

function ask(query: Record<string, string>, xml: string) {
  return () => assertAnswer({ method: 'POST', headers: {}, query }, document(xml))
}

function check(range: string, answered: Answered): void {
  assertAnswer({ method: 'GET', headers: { range } }, answered)
}

function part(range: string, text: string, md5?: string): Answered {
  const headers = { 'content-range': range, 'x-amz-meta-md5': md5 }
  return { statusCode: 206, headers, bytes: Buffer.from(text) }
}

function document(xml: string): Answered {
  return { statusCode: 200, headers: {}, bytes: Buffer.from(xml) }
}
