import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fragmentsOf } from './fragments.ts'

const plain = (text: string) => ({ kind: 'text', text, isMarked: false })
const marked = (text: string) => ({ kind: 'text', text, isMarked: true })

describe('the fragments of a text', () => {
  it('are emotes at the code points that Twitch gives', () => {
    expect(fragmentsOf('🦊 Kappa x Kappa', '25:2-6,10-14')).toEqual([
      plain('🦊 '),
      { kind: 'emote', id: '25', text: 'Kappa', isMarked: false },
      plain(' x '),
      { kind: 'emote', id: '25', text: 'Kappa', isMarked: false },
    ])
  })

  it('leave out emotes that cannot be there, or whose id would make another address', () => {
    for (const emotes of ['25:0-99', '25:3-1', '25:x-y', '25', '../x:0-1', '', '25:0-1,1-2/']) {
      const text = fragmentsOf('abc', emotes)
      expect(text.map((fragment) => fragment.text).join('')).toBe('abc')
    }
    expect(fragmentsOf('abc', '..?x=y:0-2')).toEqual([plain('abc')])
  })

  it('are links without what ends the sentence, and names', () => {
    expect(fragmentsOf('see https://a.example/b?c=1, @NymN! me@home.example')).toEqual([
      plain('see '),
      { kind: 'link', text: 'https://a.example/b?c=1', url: 'https://a.example/b?c=1' },
      plain(', '),
      { kind: 'mention', text: '@NymN', login: 'nymn' },
      plain('! me@home.example'),
    ])
    expect(fragmentsOf('javascript:alert(1)')).toEqual([plain('javascript:alert(1)')])
  })

  it('mark what was searched for, in any case and whatever it is made of', () => {
    expect(fragmentsOf('a (Pog) pOG', '', 'pog')).toEqual([
      plain('a ('),
      marked('Pog'),
      plain(') '),
      marked('pOG'),
    ])
    expect(fragmentsOf('Kappa', '25:0-4', 'kap')).toEqual([
      { kind: 'emote', id: '25', text: 'Kappa', isMarked: true },
    ])
    expect(fragmentsOf('1+1=2 (a|b)', '', '(a|b)')).toEqual([plain('1+1=2 '), marked('(a|b)')])
  })

  it('are together the text, whatever the tag and the search', () => {
    const emotes = fc.stringMatching(/^[0-9:,/ab-]{0,20}$/)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), emotes, fc.string(), (text, tag, search) => {
        const joined = fragmentsOf(text, tag, search).map((fragment) => fragment.text)
        expect(joined.join('')).toBe(text)
      }),
    )
  })
})
