import { describe, expect, it } from 'vitest'
import { Receivers } from './receivers.ts'

describe('Receivers', () => {
  it('knows who came last to a channel, and who is left when that one goes', () => {
    const receivers = new Receivers<string>()
    expect(receivers.of('a')).toBeUndefined()
    receivers.joined('a', 'old')
    receivers.joined('b', 'old')
    receivers.joined('a', 'new')
    expect(receivers.of('a')).toBe('new')
    receivers.parted('a', 'new')
    expect(receivers.of('a')).toBe('old')
    receivers.joined('a', 'new')
    receivers.parted('a', 'old')
    expect(receivers.of('a')).toBe('new')
    receivers.gone('old')
    expect(receivers.of('b')).toBeUndefined()
  })
})
