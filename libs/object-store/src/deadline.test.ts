import { expect, it } from 'vitest'
import { transferMs } from './deadline.ts'

it('gives a second for each megabyte that is announced, at most an hour, and nothing for nonsense', () => {
  expect(transferMs('1000000')).toBe(1_000)
  expect(transferMs('1')).toBe(1)
  expect(transferMs('99999999999999999999')).toBe(3_600_000)
  for (const header of [undefined, '', '0', '-5', 'x', 'NaN']) expect(transferMs(header)).toBe(0)
})
