import { expect, it } from 'vitest'
import { humantime } from './humantime.ts'

it.each([
  [0, '0s'],
  [1, '1s'],
  [59, '59s'],
  [600, '10m'],
  [630, '10m 30s'],
  [3600, '1h'],
  [86_400, '1day'],
  [604_800, '7days'],
  [1_209_600, '14days'],
  [2_630_015, '30days 10h 33m 35s'],
  [2_630_016, '1month'],
  [2 * 2_630_016 + 90_061, '2months 1day 1h 1m 1s'],
  [31_557_600, '1year'],
  [2 * 31_557_600, '2years'],
])('writes %i seconds as humantime does: %s (2.1)', (seconds, text) => {
  expect(humantime(seconds)).toBe(text)
})
