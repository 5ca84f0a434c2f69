import { openHotStore } from '@poglog/hot-store'
import type { HotStore } from '@poglog/hot-store'
import type { ChatSim } from '@poglog/chat-sim'
import { expect, it } from 'vitest'
import { World, until } from './world.ts'

const SOURCE = { kind: 'generate', seed: 1, channels: 2, messagesPerSecond: 1 } as const
const LEAVER = { id: '9001', login: 'leaver' }
const STAYER = { id: '9002', login: 'stayer' }

let numbers = 0
const uuid = (): string => {
  numbers += 1
  return `00000000-0000-4000-8000-${numbers.toString(16).padStart(12, '0')}`
}

/** A real Redis, a made-up Twitch, and the room ids of its channels. */
async function start(world: World, more: Record<string, string> = {}) {
  const redis = await world.startRedis()
  const sim = await world.startSim({ source: SOURCE })
  const ingest = await world.startIngest(sim, more)
  const store = await openHotStore({ url: world.redisUrl })
  world.defer(async () => store.close())
  await until('all are joined', () => ingest.status().channels.joined === 2)
  const rooms = await roomsOf(store)
  return { redis, sim, ingest, store, rooms }
}

async function roomsOf(store: HotStore): Promise<Map<string, string>> {
  const rooms = new Map<string, string>()
  await until('the ids of the channels are known', async () => {
    for (const { login, channelId } of await store.registry.list()) {
      if (channelId !== undefined) rooms.set(login, channelId)
    }
    return rooms.size === 2
  })
  return rooms
}

/** Says something in a channel, now. */
function talker(sim: ChatSim, [channel, roomId]: readonly [string, string]) {
  const tags = (rest: string): string => `@room-id=${roomId};tmi-sent-ts=${Date.now()};${rest}`
  return {
    say: (who: typeof LEAVER, text: string): void => {
      const own = tags(`id=${uuid()};user-id=${who.id};display-name=X`)
      const { login } = who
      sim.inject([`${own} :${login}!${login}@${login}.tmi.twitch.tv PRIVMSG #${channel} :${text}`])
    },
    timeOut: (who: typeof LEAVER): void => {
      const own = tags(`ban-duration=10;target-user-id=${who.id}`)
      sim.inject([`${own} :tmi.twitch.tv CLEARCHAT #${channel} :${who.login}`])
    },
    deleteMessage: (who: typeof LEAVER): void => {
      const own = `@login=${who.login};room-id=;target-msg-id=${uuid()};tmi-sent-ts=${Date.now()}`
      sim.inject([`${own} :tmi.twitch.tv CLEARMSG #${channel} :gone`])
    },
  }
}

/** What is stored of the made-up talk, without the generated chat. */
async function told(world: World, roomId: string): Promise<string[]> {
  const entries = (await world.stored()).filter(({ channelId }) => channelId === roomId)
  return entries
    .filter(({ raw }) => raw.includes('leaver') || raw.includes('stayer'))
    .map(({ raw, type }) => `${type} ${raw.split(' :').at(-1)}`)
}

it('stores nothing of a user from the code typed in chat on, until the next one (P1)', async () => {
  await using world = await World.create()
  const { sim, store, rooms } = await start(world)
  const [first = ['', ''] as const] = rooms
  const { say, timeOut, deleteMessage } = talker(sim, first)
  say(LEAVER, 'before')
  await until('it is stored', async () => (await told(world, first[1])).length === 1)
  const codes = [await store.optOuts.issueCode(), await store.optOuts.issueCode()]
  say(LEAVER, `!poglog optout ${codes[0]}`)
  await until('it is done', () => world.told('chat command done').length === 1)
  expect((await store.optOuts.view()).users).toEqual(new Set([LEAVER.id]))

  say(LEAVER, 'hidden 1')
  timeOut(LEAVER)
  deleteMessage(LEAVER)
  timeOut(STAYER)
  say(STAYER, 'shown')
  say(LEAVER, `!poglog optin ${codes[1]}`)
  await until('it is undone', () => world.told('chat command done').length === 2)
  say(LEAVER, 'after')
  await until('the last is stored', async () =>
    (await told(world, first[1])).includes('PRIVMSG after'),
  )
  // The command itself may be on its way already when it takes effect.
  const stored = (await told(world, first[1])).filter((text) => !text.includes('!poglog'))
  expect(stored).toEqual(['PRIVMSG before', 'CLEARCHAT stayer', 'PRIVMSG shown', 'PRIVMSG after'])
  // Nothing is missed: no gap is told. And no code is.
  expect(await world.stored(['GAP'])).toEqual([])
  for (const code of codes) expect(JSON.stringify(world.log)).not.toContain(code)
})

it('leaves a channel that opts out, and comes back when it opts in (P1)', async () => {
  await using world = await World.create()
  const { sim, store, rooms, ingest } = await start(world)
  const [first = ['', ''] as const, second = ['', ''] as const] = rooms
  const joined = () => sim.connections().flatMap(({ channels }) => channels)
  const owner = { id: first[1], login: first[0] }
  talker(sim, first).say(owner, `!rustlog optout channel ${await store.optOuts.issueCode()}`)
  await until('it is left', () => !joined().includes(first[0]))
  expect(joined()).toEqual([second[0]])
  expect((await store.optOuts.view()).channels).toEqual(new Set([first[1]]))
  expect((await store.registry.list()).length).toBe(2)

  talker(sim, second).say(owner, `!rustlog optin channel ${await store.optOuts.issueCode()}`)
  await until('it is joined again', () => joined().length === 2)
  await until('and received', () => ingest.status().channels.joined === 2)
})

it('stores nothing that waited on disk of who had opted out before Redis was reached (P1)', async () => {
  await using world = await World.create()
  const { redis, sim, store, rooms, ingest } = await start(world)
  const [first = ['', ''] as const] = rooms
  await store.optOuts.set({ kind: 'users', id: LEAVER.id, isOut: true })
  await ingest.stop()
  await redis.stop()
  // Its list of channels is read long after the lines are appended.
  const later = await world.startIngest(sim, { REGISTRY_INTERVAL_MS: '600000' })
  await until('all are joined', () => later.status().channels.joined === 2)
  const { say } = talker(sim, first)
  say(LEAVER, 'hidden while Redis was away')
  say(STAYER, 'shown')
  await until('lines are on disk', () => later.status().spoolBytes > 0)
  await world.startRedis()
  await until('the spool is empty', () => later.status().spoolBytes === 0)
  await until('it is stored', async () => (await told(world, first[1])).includes('PRIVMSG shown'))
  expect(await told(world, first[1])).toEqual(['PRIVMSG shown'])
})

it('does what admins type, and what others type does nothing', async () => {
  await using world = await World.create()
  const { sim, store, rooms } = await start(world, { ADMINS: 'stayer' })
  const [first = ['', ''] as const] = rooms
  const { say } = talker(sim, first)
  say(LEAVER, '!poglog join from_nobody')
  say(STAYER, '!poglog join new_one')
  await until('it is joined', () =>
    sim.connections().some(({ channels }) => channels.includes('new_one')),
  )
  await until('the name is learnt', async () => (await store.names.idsOf(['leaver'])).size === 1)
  say(STAYER, '!poglog optout leaver')
  await until('it is done', async () => (await store.optOuts.view()).users.has(LEAVER.id))
  say(STAYER, '!justlog part new_one')
  await until('it is parted', async () => (await store.registry.find('new_one')) === undefined)
  expect(await store.registry.find('from_nobody')).toBeUndefined()
  expect(world.told('chat command refused')).toMatchObject([
    { reason: 'not-allowed', userId: LEAVER.id },
  ])
})
