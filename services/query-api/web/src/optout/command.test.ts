import { describe, expect, it } from 'vitest'
import { commandText, secondsLeft } from './command.ts'

describe('the command of a code', () => {
  it('is what poglog reads in chat', () => {
    expect(commandText('optout', 'aB3dE')).toBe('!poglog optout aB3dE')
    expect(commandText('optin channel', 'aB3dE')).toBe('!poglog optin channel aB3dE')
  })
})

describe('the time that is left', () => {
  it('is told in whole seconds, and never below none', () => {
    expect(secondsLeft(60_000, 0)).toBe(60)
    expect(secondsLeft(60_000, 59_600)).toBe(1)
    expect(secondsLeft(60_000, 60_000)).toBe(0)
    expect(secondsLeft(60_000, 90_000)).toBe(0)
  })
})
