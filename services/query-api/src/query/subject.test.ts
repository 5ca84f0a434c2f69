import { describe, expect, it } from 'vitest'
import { parseSubject } from './subject.ts'

describe('parseSubject', () => {
  it('takes digits as an id unless a login is forced', () => {
    expect(parseSubject('71092938')).toEqual({ kind: 'id', id: '71092938' })
    expect(parseSubject('id:71092938')).toEqual({ kind: 'id', id: '71092938' })
    expect(parseSubject('0071')).toEqual({ kind: 'id', id: '71' })
    expect(parseSubject('login:123')).toEqual({ kind: 'login', login: '123' })
  })

  it('takes logins in any case', () => {
    expect(parseSubject('XQCow')).toEqual({ kind: 'login', login: 'xqcow' })
    expect(parseSubject('login:A_b')).toEqual({ kind: 'login', login: 'a_b' })
  })

  it('refuses what can be neither (S1)', () => {
    for (const text of [
      '',
      'id:',
      'id:forsen',
      'login:',
      'a b',
      '#forsen',
      '../x',
      'ſ',
      'ab\n',
      '*',
    ]) {
      expect([text, parseSubject(text)]).toEqual([text, undefined])
    }
    expect(parseSubject('1'.repeat(21))).toEqual({ kind: 'login', login: '1'.repeat(21) })
    expect(parseSubject('x'.repeat(26))).toBeUndefined()
  })
})
