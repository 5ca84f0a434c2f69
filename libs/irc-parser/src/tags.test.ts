import { describe, expect, it } from 'vitest'
import { parseTags, rawTag } from './tags.ts'

describe('parseTags', () => {
  it('reads tags unescaped and in order', () => {
    const tags = parseTags('@b=1;a=x\\sy;+c/d=\\\\ PING')
    expect([...tags]).toEqual([
      ['b', '1'],
      ['a', 'x y'],
      ['+c/d', '\\'],
    ])
  })

  it('takes a missing value for an empty one', () => {
    expect([...parseTags('@a;b=;c PING')]).toEqual([
      ['a', ''],
      ['b', ''],
      ['c', ''],
    ])
  })

  it('keeps the last of equal tags', () => {
    expect(parseTags('@a=1;b=2;a=3 PING').get('a')).toBe('3')
  })

  it('keeps an equals sign in a value', () => {
    expect(parseTags('@a=b=c PING').get('a')).toBe('b=c')
  })

  it('leaves out nameless tags', () => {
    expect([...parseTags('@;;=x;a=1; PING')]).toEqual([['a', '1']])
  })

  it('finds no tags where a line does not begin with them', () => {
    expect(parseTags(':x PING @a=1').size).toBe(0)
    expect(parseTags('').size).toBe(0)
  })

  it('ends at the end of a line that has nothing but tags', () => {
    expect([...parseTags('@a=1;b=2\r\n')]).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
  })

  it('is not misled by the keys of the line before', () => {
    parseTags('@room=1;room-id=2 PING')
    expect([...parseTags('@room-id=3;room=4;rooms=5 PING')]).toEqual([
      ['room-id', '3'],
      ['room', '4'],
      ['rooms', '5'],
    ])
    expect([...parseTags('@room-ix=6 PING')]).toEqual([['room-ix', '6']])
    expect([...parseTags('@=6;a= PING')]).toEqual([['a', '']])
    expect([...parseTags('@=7;a= PING')]).toEqual([['a', '']])
  })

  it('reads the tags of common messages as those of any other', () => {
    const first = '@badge-info=;badges=vip/1;'
    const middle =
      'color=#1E90FF;display-name=Mara;emotes=;flags=;id=a;mod=0;room-id=1;subscriber=0;'
    const last = 'tmi-sent-ts=1795250000123;turbo=0;user-id=2;user-type='
    const heads = [first, `${first}bits=5;`, `${first}client-nonce=x;`, `${first}color=1;`]
    const tails = [last, `${last};vip=1`, last.replace('turbo=0', 'turbo=0 1'), `${last};vip`]
    for (const tags of heads.flatMap((head) => tails.map((tail) => head + middle + tail))) {
      const end = tags.indexOf(' ') === -1 ? tags.length : tags.indexOf(' ')
      const pairs = tags.slice(1, end).split(';')
      const expected = new Map(pairs.map((pair) => [pair.split('=')[0], pair.split('=')[1] ?? '']))
      expect([...parseTags(`${tags} :a!a@a.tmi.twitch.tv PRIVMSG #b :c; d `)]).toEqual([
        ...expected,
      ])
    }
    const long = `${first}${middle}${last}`.replace('Mara', 'm'.repeat(9000))
    expect(parseTags(`${long} PING`).get('display-name')).toHaveLength(9000)
  })

  it('reads more and longer keys than it remembers', () => {
    const names = Array.from({ length: 400 }, (_, index) =>
      `t${index}`.padEnd(index === 7 ? 200 : 2, 'x'),
    )
    const line = `@${names.map((name) => `${name}=x`).join(';')} PING`
    expect([...parseTags(line).keys()]).toEqual(names)
    expect([...parseTags(line).keys()]).toEqual(names)
  })
})

describe('rawTag', () => {
  const LINE = '@a=x\\sy;bc=1;b;bc=2;d :x PING :;e=1'

  it('gives the value as sent', () => {
    expect(rawTag(LINE, 'a')).toBe('x\\sy')
  })

  it('gives the last of equal tags', () => {
    expect(rawTag(LINE, 'bc')).toBe('2')
  })

  it('tells a tag without a value from none', () => {
    expect(rawTag(LINE, 'b')).toBe('')
    expect(rawTag(LINE, 'd')).toBe('')
    expect(rawTag(LINE, 'e')).toBeUndefined()
    expect(rawTag('PING', 'a')).toBeUndefined()
  })
})
