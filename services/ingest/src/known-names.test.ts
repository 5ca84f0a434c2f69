import { describe, expect, it } from 'vitest'
import { KnownNames } from './known-names.ts'

describe('KnownNames', () => {
  it('tells a name once, and again when it is news', () => {
    const names = new KnownNames()
    names.see('alice', '1', 1000)
    names.see('alice', '1', 2000)
    expect(names.takeUnlearnt()).toEqual([{ login: 'alice', id: '1', seenAtMs: 1000 }])
    names.see('alice', '1', 3000)
    expect(names.takeUnlearnt()).toEqual([])
    names.see('alice', '2', 4000)
    names.see('alice', '1', 3500) // Older: the login has a new owner since.
    expect(names.takeUnlearnt()).toEqual([{ login: 'alice', id: '2', seenAtMs: 4000 }])
    expect(names.idOf('alice')).toBe('2')
    names.see('alice', '2', 3_600_000)
    expect(names.takeUnlearnt()).toEqual([])
    names.see('alice', '2', 3_700_000)
    expect(names.takeUnlearnt()).toHaveLength(1)
  })

  it('takes no text that cannot be a name (S1)', () => {
    const names = new KnownNames()
    for (const login of ['', 'Alice', 'a b', 'x'.repeat(26), 'names:*']) names.see(login, '1', 1)
    names.see('alice', '', 1)
    expect(names.takeUnlearnt()).toEqual([])
  })

  it('keeps what Redis did not take, but nothing older than what came since', () => {
    const names = new KnownNames()
    names.see('alice', '1', 1000)
    const taken = names.takeUnlearnt()
    names.see('alice', '2', 2000)
    names.giveBack(taken)
    expect(names.takeUnlearnt()).toEqual([{ login: 'alice', id: '2', seenAtMs: 2000 }])
  })
})
