import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLine } from './parse-line.ts'
import { renderLine } from './render.ts'

/** Any UTF-16 units, half surrogate pairs too. */
const anyText = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units))
const word = fc.stringMatching(/^[^\s:@;=\\][^\s;=]{0,8}$/)
const text = anyText.map((value) => value.replaceAll(/[\r\n]/g, ''))
const parts = fc.record({
  tags: fc.uniqueArray(fc.tuple(word, anyText), { selector: ([key]) => key }),
  source: fc.option(word, { nil: undefined }),
  verb: fc.stringMatching(/^([A-Za-z]{1,9}|[0-9]{3})$/),
  middle: fc.array(word, { maxLength: 3 }),
  last: fc.option(text, { nil: undefined }),
})

describe('renderLine', () => {
  it('writes a line as Twitch does', () => {
    const tags = new Map([
      ['msg-id', 'raid'],
      ['system-msg', 'a; b'],
    ])
    expect(
      renderLine({ tags, source: 'tmi.twitch.tv', verb: 'USERNOTICE', params: ['#a', 'b'] }),
    ).toBe('@msg-id=raid;system-msg=a\\:\\sb :tmi.twitch.tv USERNOTICE #a :b')
  })

  it('writes a colon before a single parameter only where it has to', () => {
    expect(renderLine({ verb: 'PING' })).toBe('PING')
    expect(renderLine({ verb: 'JOIN', params: ['#a'] })).toBe('JOIN #a')
    expect(renderLine({ verb: 'PING', params: ['a b'] })).toBe('PING :a b')
    expect(renderLine({ verb: 'PING', params: [':a'] })).toBe('PING ::a')
    expect(renderLine({ verb: 'PING', params: [''] })).toBe('PING :')
  })

  it('writes what parseLine reads back', () => {
    fc.assert(
      fc.property(parts, ({ tags, source, verb, middle, last }) => {
        const params = last === undefined ? middle : [...middle, last]
        const line = renderLine({ tags: new Map(tags), source, verb, params })
        const read = parseLine(line)
        expect(read?.verb).toBe(verb)
        expect(read?.source?.raw).toBe(source)
        expect(read?.params).toEqual(params)
        expect([...(read?.tags ?? [])]).toEqual(tags)
        expect(read?.raw).toBe(line)
      }),
    )
  })
})
