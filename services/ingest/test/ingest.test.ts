import { describe, expect, it } from 'vitest'
import { NO_DIFFERENCE, World, chatLine, difference, range, until } from './world.ts'

const CHAT = ['PRIVMSG', 'USERNOTICE', 'CLEARCHAT', 'CLEARMSG']

describe('ingest', () => {
  it('brings every line to Redis once, byte for byte (I1) (I2) (Q2)', async () => {
    await using world = await World.create()
    await world.startRedis()
    const noText =
      '@id=00000000-0000-4000-8000-ffffffffffff;room-id=11;tmi-sent-ts=1700000000001;user-id=7 :a!a@a.tmi.twitch.tv PRIVMSG #alpha'
    const clear =
      '@login=user_with_a_name_3;room-id=;target-msg-id=abc;tmi-sent-ts=1700000000500 :tmi.twitch.tv CLEARMSG #alpha :hello'
    const ban =
      '@ban-duration=600;room-id=12;target-user-id=1001;tmi-sent-ts=1700000000600 :tmi.twitch.tv CLEARCHAT #beta :user_with_a_name_1'
    const lines = [
      noText,
      ...range(0, 3000).map((n) => chatLine(n, n % 2 ? 'alpha' : 'beta', n % 2 ? '11' : '12')),
      clear,
      ban,
    ]
    const faults = { seed: 1, duplicateShare: 0.1, splitShare: 0.2, malformedShare: 0.1 }
    const sim = await world.startReplay(lines, { faults })
    const ingest = await world.startIngest(sim)
    await until('the replay is over', () => sim.progress().done)
    await ingest.stop()

    const stored = await world.stored(CHAT)
    expect(
      difference(
        stored.map(({ raw }) => raw),
        lines,
      ),
    ).toEqual(NO_DIFFERENCE)
    const cleared = stored.find(({ type }) => type === 'CLEARMSG')
    expect(cleared).toMatchObject({ channelId: '11', userId: '1003' })
    expect(stored.find(({ type }) => type === 'CLEARCHAT')).toMatchObject({ userId: '1001' })
    const [totals] = world.told('ingest stopped')
    expect(totals).toMatchObject({ dropped: 0 })
    expect(Number(totals?.['duplicates'])).toBeGreaterThan(100)
    expect(Number(totals?.['rejected'])).toBeGreaterThan(100)
  })
})
