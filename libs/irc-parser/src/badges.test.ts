import { describe, expect, it } from 'vitest'
import { parseBadges } from './badges.ts'

describe('parseBadges', () => {
  it('reads names and versions in order', () => {
    expect(parseBadges('moderator/1,subscriber/3012,predictions/blue-1')).toEqual([
      { name: 'moderator', version: '1' },
      { name: 'subscriber', version: '3012' },
      { name: 'predictions', version: 'blue-1' },
    ])
  })

  it('bears what Twitch does not send', () => {
    expect(parseBadges('')).toEqual([])
    expect(parseBadges('vip,,/1,a/b/c,')).toEqual([
      { name: 'vip', version: '' },
      { name: 'a', version: 'b/c' },
    ])
  })
})
