import { describe, expect, it } from 'vitest'
import { HOME, placeHref, readPlace } from './place.ts'
import type { Place } from './place.ts'
import { apiName, readSubject } from './subject.ts'

describe('the address of a place', () => {
  it('is read back as the same place', () => {
    const places: Place[] = [
      HOME,
      { ...HOME, channel: 'forsen', user: 'id:123', at: Date.UTC(2026, 10, 21), isLive: true },
      { ...HOME, channel: 'forsen', at: 1_795_286_400_123, message: 'a&b=c', search: 'a + b %' },
      { ...HOME, view: 'optout' },
      {
        ...HOME,
        view: 'words',
        channel: 'id:1',
        words: ['Pog', 'a&b', '+1'],
        from: Date.UTC(2026, 0, 1),
        to: Date.UTC(2026, 0, 2, 3, 4, 5),
        by: 'hour',
        isAnyCase: true,
        kind: 'bans',
      },
    ]
    for (const place of places) expect(readPlace(placeHref(place).slice(1))).toEqual(place)
  })

  it('is the one that other log pages have', () => {
    expect(readPlace('?channel=forsen&username=nymn')).toMatchObject({
      view: 'log',
      channel: 'forsen',
      user: 'nymn',
    })
    expect(readPlace('?channel=id:22484632&username=id%3A62300805')).toMatchObject({
      channel: 'id:22484632',
      user: 'id:62300805',
    })
    expect(readPlace('?optout').view).toBe('optout')
    expect(placeHref({ ...HOME, channel: 'forsen', user: 'id:1' })).toBe(
      '/?channel=forsen&username=id:1',
    )
  })

  it('leaves out what it cannot read', () => {
    const place = readPlace('?channel=../x&username=%00&at=yesterday&view=nothing&from=1&by=year')
    expect(place).toEqual(HOME)
  })

  it('takes only so many words, each once', () => {
    const place = readPlace('?word=a&word=a&word=b+c&word=&word=d&word=e&word=f&word=g&word=h')
    expect(place.words).toEqual(['a', 'd', 'e', 'f', 'g'])
  })
})

describe('a subject', () => {
  it('is what people type', () => {
    expect(readSubject(' @NymN ')).toBe('nymn')
    expect(readSubject('#forsen')).toBe('forsen')
    expect(readSubject('id:1')).toBe('id:1')
    expect(readSubject('two words')).toBeUndefined()
    expect(readSubject('id:x')).toBeUndefined()
  })

  it('is asked of the API by id or by login', () => {
    expect(apiName('id:123')).toBe('123')
    expect(apiName('123')).toBe('login:123')
    expect(apiName('forsen')).toBe('forsen')
  })
})
