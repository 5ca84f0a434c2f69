import { describe, expect, it } from 'vitest'
import { LINES } from '../test/fixtures.ts'
import { parseLine } from './parse-line.ts'
import { parseRouting } from './routing.ts'

describe('parseLine', () => {
  it('reads a line into its parts', () => {
    expect(parseLine('@a=b\\s;c :n!u@h Foo bar  baz :qux  quux \r\n')).toEqual({
      verb: 'Foo',
      source: { nick: 'n', user: 'u', host: 'h', raw: 'n!u@h' },
      tags: new Map([
        ['a', 'b '],
        ['c', ''],
      ]),
      params: ['bar', 'baz', 'qux  quux '],
      raw: '@a=b\\s;c :n!u@h Foo bar  baz :qux  quux ',
    })
  })

  it.each([
    ['tmi.twitch.tv', { nick: '', user: '', host: 'tmi.twitch.tv' }],
    ['n@h', { nick: 'n', user: '', host: 'h' }],
    ['n!u', { nick: 'n', user: 'u', host: '' }],
    ['n!u@h@i', { nick: 'n', user: 'u', host: 'h@i' }],
    ['a@b!c', { nick: 'a@b', user: 'c', host: '' }],
  ])('reads the source %j', (raw, parts) => {
    expect(parseLine(`:${raw} PING`)?.source).toEqual({ ...parts, raw })
  })

  it('finds no source where there is none', () => {
    expect(parseLine('PING :!@')?.source).toBeUndefined()
  })

  it('reads nothing where parseRouting does not', () => {
    expect(parseLine('@a=b')).toBeUndefined()
    for (const line of LINES) expect(parseLine(line)?.raw).toBe(parseRouting(line)?.raw)
  })

  it('leaves trailing spaces out of the parameters', () => {
    expect(parseLine(':a MODE #b +o c  ')?.params).toEqual(['#b', '+o', 'c'])
    expect(parseLine(':a AWAY ')?.params).toEqual([])
    expect(parseLine(':a AWAY :')?.params).toEqual([''])
  })
})
