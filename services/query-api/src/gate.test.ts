import { expect, it } from 'vitest'
import { Gate } from './gate.ts'

it('lets a bounded number in, and one more for each that leaves once', () => {
  const gate = new Gate(2)
  const first = gate.tryEnter()
  expect(gate.tryEnter()).toBeDefined()
  expect(gate.tryEnter()).toBeUndefined()
  first?.()
  first?.()
  expect(gate.tryEnter()).toBeDefined()
  expect(gate.tryEnter()).toBeUndefined()
})
