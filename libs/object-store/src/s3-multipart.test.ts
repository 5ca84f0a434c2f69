import { expect, it } from 'vitest'
import { partSize } from './s3-multipart.ts'

const MEBIBYTE = 1024 ** 2

it('makes parts larger only when 10,000 of the usual size do not hold the body', () => {
  expect(partSize(1, 16 * MEBIBYTE)).toBe(16 * MEBIBYTE)
  expect(partSize(160_000 * MEBIBYTE, 16 * MEBIBYTE)).toBe(16 * MEBIBYTE)
  const sizeBytes = 160_000 * MEBIBYTE + 1
  const larger = partSize(sizeBytes, 16 * MEBIBYTE)
  expect(larger).toBe(16 * MEBIBYTE + 1)
  expect(Math.ceil(sizeBytes / larger)).toBeLessThanOrEqual(10_000)
})
