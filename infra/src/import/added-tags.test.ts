import { describe, expect, it } from 'vitest'
import { hasAddedTags, withoutAddedTags } from './added-tags.ts'

describe('withoutAddedTags', () => {
  it('leaves what Twitch sent', () => {
    const sent =
      '@badges=;color=;id=1;room-id=30 :a!a@a.tmi.twitch.tv PRIVMSG #big :rm-received-ts=5; hi'
    for (const added of [
      sent.replace('@', '@historical=1;rm-received-ts=1700000000000;rm-deleted=1;'),
      sent.replace(' :a', ';rm-received-ts=1700000000000;historical=1 :a'),
      sent.replace(';id', ';historical=1;rm-received-ts=1700000000000;id'),
    ]) {
      expect(hasAddedTags(added)).toBe(true)
      expect(withoutAddedTags(added)).toEqual({ raw: sent, receivedAtMs: 1_700_000_000_000 })
    }
    expect(hasAddedTags(sent)).toBe(false)
  })

  it('takes the tag section off where nothing is left of it', () => {
    const line = '@historical=1;rm-received-ts=1700000000000 :tmi.twitch.tv NOTICE #big :Slow'
    expect(withoutAddedTags(line).raw).toBe(':tmi.twitch.tv NOTICE #big :Slow')
  })

  it('believes no time that is none', () => {
    expect(withoutAddedTags('@rm-received-ts=12x;a=b PING').receivedAtMs).toBeUndefined()
    expect(withoutAddedTags('PING').raw).toBe('PING')
    expect(withoutAddedTags('@a').raw).toBe('@a')
  })
})
