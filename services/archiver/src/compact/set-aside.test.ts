import { expect, it } from 'vitest'
import { SetAside } from './set-aside.ts'

it('remembers a segment for an hour, or until it could be read', () => {
  let nowMs = 0
  const setAside = new SetAside(() => nowMs)
  setAside.add('one')
  setAside.add('two')
  setAside.remove('two')
  expect([setAside.has('one'), setAside.has('two'), setAside.size]).toEqual([true, false, 1])
  nowMs = 3_600_000
  expect([setAside.has('one'), setAside.size]).toEqual([false, 0])
})
