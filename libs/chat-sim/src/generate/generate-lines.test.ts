import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChatSimError } from '../errors.ts'
import { generateLines } from './generate-lines.ts'
import { generatedChannels } from './settings.ts'
import type { GeneratorSettings } from './settings.ts'

const START_MS = 1_700_000_000_000
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const MESSAGE_TAGS = (
  'badge-info badges color display-name emotes first-msg flags id mod returning-chatter ' +
  'room-id subscriber tmi-sent-ts turbo user-id user-type'
).split(' ')

interface Scanned {
  readonly tags: Map<string, string>
  readonly source: string
  readonly command: string
  readonly channel: string
  readonly text: string | undefined
}

function linesOf(settings: Partial<GeneratorSettings> & { lines: number }): string[] {
  return [
    ...generateLines({
      seed: 1,
      channels: 12,
      startMs: START_MS,
      messagesPerSecond: 100,
      ...settings,
    }),
  ]
}

/** Stricter than any client: one space between the parts, every tag with a `=`, nothing left over. */
function scan(line: string): Scanned {
  const match = /^@(\S+) :(\S+) ([A-Z]+) #([a-z0-9_]{1,25})(?: :([^\r\n\0]*))?$/u.exec(line)
  if (match === null) throw new Error(`not a line of Twitch chat: ${line}`)
  const [, tagText = '', source = '', command = '', channel = '', text] = match
  const tags = tagText.split(';').map((tag): [string, string] => {
    const at = tag.indexOf('=')
    if (at < 1) throw new Error(`not a tag: ${tag}`)
    return [tag.slice(0, at), tag.slice(at + 1)]
  })
  return { tags: new Map(tags), source, command, channel, text }
}

function emotesIn({ tags, text = '' }: Scanned): string[] {
  const body = Array.from(text.startsWith('\u0001ACTION ') ? text.slice(8, -1) : text)
  const names: string[] = []
  for (const emote of (tags.get('emotes') ?? '').split('/').filter(Boolean)) {
    const at = emote.lastIndexOf(':')
    for (const range of emote.slice(at + 1).split(',')) {
      const [first = NaN, last = NaN] = range.split('-').map(Number)
      const name = body.slice(first, last + 1).join('')
      const isWhole = [body[first - 1], body[last + 1]].every(
        (edge) => edge === undefined || edge === ' ',
      )
      if (!isWhole || name === '' || name.includes(' ')) throw new Error(`${range} in ${text}`)
      names.push(`${emote.slice(0, at)} ${name}`)
    }
  }
  return names
}

function idsOf(lines: readonly Scanned[], tag: string): Set<string> {
  return new Set(lines.flatMap(({ tags }) => tags.get(tag) ?? []))
}

const SAMPLE = linesOf({ lines: 30_000 })
const SCANNED = SAMPLE.map(scan)

function ofCommand(command: string): Scanned[] {
  return SCANNED.filter((line) => line.command === command)
}

describe('generateLines', () => {
  it('yields the same lines for the same settings, whatever was generated before', () => {
    expect(linesOf({ lines: 3000 })).toEqual(SAMPLE.slice(0, 3000))
    expect(linesOf({ lines: 100, seed: 2 })).not.toEqual(SAMPLE.slice(0, 100))
  })

  it('lets the same people write something else in the same channels for another story', () => {
    const other = linesOf({ lines: 30_000, storySeed: 2 }).map(scan)
    expect(idsOf(other, 'room-id')).toEqual(idsOf(SCANNED, 'room-id'))
    const ids = idsOf(SCANNED, 'id')
    expect([...idsOf(other, 'id')].filter((id) => ids.has(id))).toEqual([])
    const people = idsOf(SCANNED, 'user-id')
    const again = [...idsOf(other, 'user-id')].filter((id) => people.has(id))
    expect(again.length).toBeGreaterThan(people.size / 2)
  })

  it('yields lines any client accepts, for every seed and size', () => {
    const settings = fc.record({
      seed: fc.integer(),
      channels: fc.integer({ min: 1, max: 300 }),
      skew: fc.double({ min: 0, max: 3, noNaN: true }),
      chatters: fc.integer({ min: 1, max: 10_000 }),
      nonceShare: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(settings, (some) => {
        const lines = linesOf({ ...some, lines: 300 }).map(scan)
        expect(lines).toHaveLength(300)
        for (const line of lines) emotesIn(line)
      }),
      { numRuns: 25 },
    )
  })

  it('gives a message every tag Twitch gives it, in alphabetical order, from its own sender', () => {
    const wrong = ofCommand('PRIVMSG').filter(({ tags, source, text }) => {
      const names = [...tags.keys()]
      const isComplete = MESSAGE_TAGS.every((name) => tags.has(name))
      const isSorted = names.join() === names.toSorted().join()
      const isOwn = /^([a-z0-9_]{1,25})!\1@\1\.tmi\.twitch\.tv$/.test(source)
      return !isComplete || !isSorted || !isOwn || text === ''
    })
    expect(wrong).toEqual([])
  })

  it('marks emotes by the code points they stand at, also behind astral signs and in actions', () => {
    const byId = new Map<string, Set<string>>()
    let afterAstral = 0
    for (const line of ofCommand('PRIVMSG')) {
      const found = emotesIn(line)
      const lastEmote = found.at(-1)?.split(' ')[1] ?? ' '
      const before = line.text?.slice(0, line.text.lastIndexOf(lastEmote)) ?? ''
      if (/[\u{10000}-\u{10ffff}]/u.test(before)) afterAstral++
      for (const emote of found) {
        const [id = '', name = ''] = emote.split(' ')
        byId.set(id, (byId.get(id) ?? new Set()).add(name))
      }
    }
    expect(byId.size).toBeGreaterThan(30)
    expect([...byId.values()].every((names) => names.size === 1)).toBe(true)
    expect(afterAstral).toBeGreaterThan(0)
  })

  it('gives every message, notice and copy an id of its own', () => {
    const ids = SCANNED.flatMap(({ tags }) => tags.get('id') ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.every((id) => UUID.test(id))).toBe(true)
  })

  it('gives a login, a user id and a room id to one person or room each', () => {
    const users = new Map<string, string>()
    const rooms = new Map<string, string>()
    const pairs = new Set<string>()
    for (const { tags, source, channel } of ofCommand('PRIVMSG')) {
      const login = source.slice(0, source.indexOf('!'))
      const userId = tags.get('user-id') ?? ''
      const roomId = tags.get('room-id') ?? ''
      users.set(login, userId)
      rooms.set(channel, roomId)
      pairs.add(`user ${login} ${userId}`).add(`room ${channel} ${roomId}`)
    }
    expect(new Set(users.values()).size).toBe(users.size)
    expect(pairs.size).toBe(users.size + rooms.size)
    expect(rooms).toEqual(
      new Map(
        generatedChannels({ seed: 1, channels: 12 }).map(({ login, roomId }) => [login, roomId]),
      ),
    )
  })

  it('sends at the rate it was told, never before the start, now and then out of order', () => {
    const times = SCANNED.flatMap(({ tags }) => tags.get('tmi-sent-ts') ?? []).map(Number)
    expect(Math.min(...times)).toBeGreaterThanOrEqual(START_MS)
    const seconds = (Math.max(...times) - START_MS) / 1000
    expect(SAMPLE.length / seconds).toBeGreaterThan(90)
    expect(SAMPLE.length / seconds).toBeLessThan(110)
    const steps = times.slice(1).filter((time, index) => time < (times[index] ?? 0)).length
    expect(steps).toBeGreaterThan(times.length / 20)
  })

  it('makes some channels and people far busier than others, and people write in several channels', () => {
    const perChannel = new Map<string, number>()
    const perUser = new Map<string, Set<string>>()
    for (const { channel, tags } of ofCommand('PRIVMSG')) {
      perChannel.set(channel, (perChannel.get(channel) ?? 0) + 1)
      const user = tags.get('user-id') ?? ''
      perUser.set(user, (perUser.get(user) ?? new Set()).add(channel))
    }
    const [busiest = 0, second = 0] = [...perChannel.values()].toSorted((a, b) => b - a)
    expect(busiest / second).toBeGreaterThan(1.6)
    expect(busiest / second).toBeLessThan(2.4)
    expect([...perUser.values()].filter(({ size }) => size > 2).length).toBeGreaterThan(300)
  })

  it('has all that happens in a chat', () => {
    const messageIds = new Set(ofCommand('USERNOTICE').map(({ tags }) => tags.get('msg-id')))
    expect(messageIds).toEqual(
      new Set([
        'sub',
        'resub',
        'subgift',
        'submysterygift',
        'raid',
        'announcement',
        'viewermilestone',
      ]),
    )
    const clears = ofCommand('CLEARCHAT')
    expect(clears.some(({ tags }) => tags.has('ban-duration'))).toBe(true)
    expect(clears.some(({ tags, text }) => !tags.has('ban-duration') && text !== undefined)).toBe(
      true,
    )
    expect(ofCommand('CLEARMSG').every(({ tags }) => tags.get('room-id') === '')).toBe(true)
    expect(ofCommand('CLEARMSG').length).toBeGreaterThan(10)
    expect(ofCommand('ROOMSTATE').length).toBeGreaterThan(3)
    expect(ofCommand('NOTICE').length).toBe(ofCommand('ROOMSTATE').length)
    const texts = ofCommand('PRIVMSG')
    const kinds: [string, (line: Scanned) => boolean][] = [
      ['reply', ({ tags }) => tags.has('reply-parent-msg-id')],
      ['shared chat', ({ tags }) => tags.has('source-room-id')],
      ['bits', ({ tags }) => tags.has('bits')],
      ['action', ({ text }) => text?.startsWith('\u0001ACTION ') === true],
      ['emote only', ({ tags }) => tags.has('emote-only')],
      ['nonce', ({ tags }) => tags.has('client-nonce')],
      ['said again', ({ text }) => text?.endsWith(' \u{E0000}') === true],
      ['right to left', ({ text }) => /[\u0590-\u06ff]/.test(text ?? '')],
      ['astral', ({ text }) => /[\u{1F300}-\u{1FAFF}]/u.test(text ?? '')],
      ['CJK', ({ text }) => /[\u3040-\u9fff]/.test(text ?? '')],
    ]
    const missing = kinds.filter(([, is]) => !texts.some(is)).map(([name]) => name)
    expect(missing).toEqual([])
  })

  it('deletes and answers only messages that were sent in that channel', () => {
    const channelOf = new Map(
      ofCommand('PRIVMSG').map(({ tags, channel }) => [tags.get('id'), channel]),
    )
    const noticed = new Set(ofCommand('USERNOTICE').map(({ tags }) => tags.get('id')))
    for (const { tags, channel } of ofCommand('CLEARMSG')) {
      const id = tags.get('target-msg-id')
      expect(noticed.has(id) || channelOf.get(id) === channel).toBe(true)
    }
  })

  it('copies a message of shared chat into the other room, with the id of the original in both', () => {
    const shared = ofCommand('PRIVMSG').filter(({ tags }) => tags.has('source-id'))
    const originals = shared.filter(({ tags }) => tags.get('source-id') === tags.get('id'))
    const copies = shared.filter(({ tags }) => tags.get('source-id') !== tags.get('id'))
    expect(originals.length).toBeGreaterThan(20)
    expect(copies.map(({ tags }) => tags.get('source-id'))).toEqual(
      originals.map(({ tags }) => tags.get('id')),
    )
  })

  it('has lines as long as real ones with the present set of tags: 330 to 420 bytes', () => {
    const bytes = SAMPLE.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
    expect(bytes / SAMPLE.length).toBeGreaterThan(330)
    expect(bytes / SAMPLE.length).toBeLessThan(420)
  })

  it.each([
    { channels: 0 },
    { channels: 1.5 },
    { channels: [] },
    { channels: ['not a login'] },
    { messagesPerSecond: 0 },
    { nonceShare: 2 },
    { chatters: 0 },
    { seed: Number.NaN },
  ])('refuses %j', (wrong) => {
    expect(() => linesOf({ lines: 1, ...wrong })).toThrow(ChatSimError)
  })
})
