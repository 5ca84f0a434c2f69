import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { array, assert, asyncProperty, integer, uint8Array } from 'fast-check'
import { expect, it } from 'vitest'
import { bodyParts, openBody } from './body.ts'

it('cuts a body into parts that are the body again, each with its MD5', async () => {
  const pieces = array(uint8Array({ maxLength: 20 }), { maxLength: 5 })
  await assert(
    asyncProperty(pieces, integer({ min: 1, max: 30 }), async (body, partBytes) => {
      const bytes = Buffer.concat(body)
      for (const same of [body, bytes]) {
        const { md5, parts } = await bodyParts(same, partBytes)
        expect(md5).toBe(createHash('md5').update(bytes).digest('hex'))
        const read = await Promise.all(
          parts.map(async (part) => await buffer(openBody(same, part))),
        )
        expect(Buffer.concat(read)).toEqual(bytes)
        for (const [index, part] of read.entries()) {
          expect(parts[index]?.md5).toBe(createHash('md5').update(part).digest('base64'))
          const left = bytes.byteLength - index * partBytes
          expect(part.byteLength).toBe(Math.min(partBytes, left))
        }
      }
    }),
  )
})
