import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BestLogs } from './clients/best-logs.ts'
import { ChatUser } from './clients/chat-user.ts'
import { Chatterino } from './clients/chatterino.ts'
import type { History, ShownMessage } from './clients/chatterino.ts'
import { ADMIN_KEY, ClientsWorld, MISSING } from './clients/clients-world.ts'
import { DankChat } from './clients/dank-chat.ts'
import { datePath } from './clients/http.ts'
import { withoutAddedTags } from './clients/irc-tags.ts'
import { JustlogsAsRecentMessages } from './clients/justlogs-as-recent-messages.ts'
import { JustlogPage } from './clients/justlog-page.ts'
import { ADA, BRIN, CLEO, DORA, HARBOUR, LIGHTHOUSE } from './clients/known-chat.ts'
import type { KnownLine, Who } from './clients/known-chat.ts'
import { RustlogPage } from './clients/rustlog-page.ts'
import { Supibot } from './clients/supibot.ts'
import { eventually } from './poglog.ts'

/** Arrivals, commands in chat and registrations take some seconds at most; the machine may be busy. */
const SOON_MS = 30_000

let world: ClientsWorld
let clients: ReturnType<typeof clientsOf>

function clientsOf({ api }: { readonly api: string }) {
  return {
    bestLogs: new BestLogs(api),
    chatterino: new Chatterino(`${api}/api/v2/recent-messages/%1`),
    supibot: new Supibot(api, ADMIN_KEY),
    page: new RustlogPage(api),
    justlogPage: new JustlogPage(api),
    justlogs: new JustlogsAsRecentMessages(api),
  }
}

function dankChat(): DankChat {
  return new DankChat(`${world.poglog.api}/api/v2/`)
}

beforeAll(async () => {
  world = await ClientsWorld.open()
  clients = clientsOf(world.poglog)
  for (const channel of [HARBOUR, LIGHTHOUSE]) {
    await eventually(async () => await isComplete(channel), SOON_MS)
  }
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

/** What was sent to a channel, oldest first. */
function sentIn(channel: Who): KnownLine[] {
  return world.chat.filter((line) => line.channel === channel)
}

/** What rustlog's clients get of a channel: it knows no deleted messages. */
function rowsOf(channel: Who): KnownLine[] {
  return sentIn(channel).filter(({ type }) => type !== 'CLEARMSG')
}

async function shownIn(channel: Who): Promise<readonly ShownMessage[]> {
  return messagesOf(await clients.chatterino.open(channel.login))
}

/** Whether all that was sent is shown, and the channel counts as joined: that is said with the next heartbeat. */
async function isComplete(channel: Who): Promise<boolean> {
  const history = await clients.chatterino.open(channel.login)
  if ('systemText' in history || history.hasGapWarning) return false
  return messagesOf(history).length === sentIn(channel).length
}

async function linesIn(channel: Who): Promise<string[]> {
  return (await shownIn(channel)).map(({ line }) => line)
}

function messagesOf(history: History): readonly ShownMessage[] {
  if ('systemText' in history) throw new Error(history.systemText)
  return history.messages.filter(({ line }) => !/ (?:ROOMSTATE|NOTICE) #/.test(line))
}

function daysOf(lines: readonly KnownLine[]): string[] {
  const days = lines.map(({ sentAtMs }) => {
    const { year, month, day } = datePath(sentAtMs)
    return `${year}/${month}/${day}`
  })
  return [...new Set(days)].toReversed()
}

function monthsOf(lines: readonly KnownLine[]): string[] {
  return [...new Set(daysOf(lines).map((day) => day.slice(0, day.lastIndexOf('/'))))]
}

const raws = (lines: readonly KnownLine[]): string[] => lines.map(({ raw }) => raw)

/** The same questions to the same chat, before and after it was moved into segments. */
describe.each(['hot', 'sealed'])('clients of what is %s (4)', (state) => {
  beforeAll(async () => {
    if (state === 'sealed') await world.seal()
  })

  it('best-logs ranks the instance, and finds who has logs where', async () => {
    const { bestLogs } = clients
    const channels = await bestLogs.channels()
    expect(channels.get(HARBOUR.login)).toBe(HARBOUR.id)
    expect(channels.get(LIGHTHOUSE.login)).toBe(LIGHTHOUSE.id)
    const days = daysOf(rowsOf(HARBOUR))
    for (const name of [HARBOUR.login, `id:${HARBOUR.id}`]) {
      const found = await bestLogs.days(name)
      expect(found.map(({ year, month, day }) => `${year}/${month}/${day}`)).toEqual(days)
      expect(await bestLogs.user(name, ADA.login)).toBe('logged')
      expect(await bestLogs.user(name, `id:${ADA.id}`)).toBe('logged')
      expect(await bestLogs.user(name, MISSING)).toBe('none')
    }
    expect(await bestLogs.days(MISSING)).toEqual([])
    expect(await bestLogs.nameHistory(ADA.id)).toEqual([ADA.login])
    expect(await bestLogs.nameHistory('4040404')).toEqual([])
  })

  it('best-logs gets the newest lines of the last days byte for byte', async () => {
    const newest = raws(rowsOf(HARBOUR)).toReversed()
    expect(await clients.bestLogs.newestLines(HARBOUR.login, 500)).toEqual(newest)
    expect(await clients.bestLogs.newestLines(HARBOUR.login, 5)).toEqual(newest.slice(0, 5))
  })

  it('best-logs passes links on, and never gets a page', async () => {
    const { bestLogs } = clients
    const ofUser = await bestLogs.link(HARBOUR.login, ADA.login)
    expect(ofUser.status).toBe(200)
    expect(ofUser.text.split('\r\n')).toContainEqual(
      expect.stringMatching(/^\[[-: \d]{19}\] #harbour ada_sim: day 2: number 9$/),
    )
    expect(await bestLogs.link(HARBOUR.login, undefined)).toMatchObject({ status: 200 })
    const json = await bestLogs.proxy(`/channel/${HARBOUR.login}/user/${ADA.login}?json`)
    expect(json).toMatchObject({ status: 200, contentType: 'application/json' })
    for (const path of [`/channel/${MISSING}/2024/1/1`, `/list?channel=${MISSING}`]) {
      expect(await bestLogs.proxy(path)).toMatchObject({ status: 404, text: 'Not found' })
    }
  })

  it('Chatterino fills a new tab, greys out what was deleted, and shows sane times', async () => {
    const sent = sentIn(HARBOUR)
    const history = await clients.chatterino.open(HARBOUR.login)
    expect(history).toMatchObject({ hasGapWarning: false })
    const messages = messagesOf(history)
    expect(messages.map(({ line }) => withoutAddedTags(line))).toEqual(raws(sent))
    expect(messages.map(({ isGreyedOut }) => isGreyedOut)).toEqual(
      sent.map(({ isDeleted, type, user }, at) => {
        // A timeout covers all that its target had said.
        const isLater = sent.slice(at).some((line) => line.type === 'CLEARCHAT')
        return isDeleted || (type === 'PRIVMSG' && user === CLEO && isLater)
      }),
    )
    expect(messages.every(({ isQuiet }) => isQuiet)).toBe(true)
    // Old lines that were replayed stand at the time they were sent.
    expect(messages.map(({ shownAtMs }) => shownAtMs)).toEqual(sent.map((line) => line.sentAtMs))
    const short = messagesOf(await clients.chatterino.open(HARBOUR.login, 12))
    expect(short).toEqual(messages.slice(-short.length))
    expect(short.length).toBeGreaterThan(0)
  })

  it('DankChat loads its scrollback once, whatever came over the live chat meanwhile', async () => {
    const sent = sentIn(HARBOUR)
    const phone = dankChat()
    const inLog = ({ line }: { readonly line: string }): boolean =>
      sent.some(({ raw }) => raw === withoutAddedTags(line))
    const { messages, problem } = await phone.load(HARBOUR.login)
    expect(problem).toBeUndefined()
    expect(messages.filter(inLog).map(({ line }) => withoutAddedTags(line))).toEqual(raws(sent))
    const deleted = messages.filter(inLog).filter(({ isDeleted }) => isDeleted)
    expect(deleted.map(({ line }) => withoutAddedTags(line))).toEqual(
      raws(sent.filter(({ isDeleted }) => isDeleted)),
    )
    const last = sent.findLast(({ type }) => type === 'USERNOTICE')
    phone.receive(last?.raw ?? '')
    const again = await phone.load(HARBOUR.login)
    expect(again.messages).toHaveLength(messages.length - 1)
  })

  it('Supibot shows random and last lines', async () => {
    const { supibot } = clients
    expect(await supibot.isLogged(HARBOUR.id)).toBe(true)
    expect(await supibot.isLogged('4040404')).toBe(false)
    expect(await supibot.randomLine(HARBOUR.id, ADA.id)).toMatchObject({ username: ADA.login })
    expect(await supibot.randomLine(HARBOUR.id)).toHaveProperty('timestamp')
    expect(await supibot.randomLine(HARBOUR.id, '4040404')).toBe('not-logged')
    expect(await supibot.randomLine('4040404')).toBe('not-logged')
    const rows = rowsOf(HARBOUR)
    const lastMs = rows.at(-1)?.sentAtMs ?? 0
    const lines = await supibot.lastLines(HARBOUR.id, lastMs)
    expect(lines[0]).toBe(`${BRIN.login}: Brin is back! still here`)
    expect(lines).toContain(`${CLEO.login}: ${CLEO.login} has been timed out for 630 seconds`)
    const ofDay = rows.filter((row) => daysOf([row])[0] === daysOf(rows)[0])
    expect(lines).toHaveLength(Math.min(50, ofDay.length))
  })

  it('the page of rustlog shows months of a user, either way round', async () => {
    const { page } = clients
    expect(await page.channels()).toEqual(expect.arrayContaining([HARBOUR.login, LIGHTHOUSE.login]))
    const rows = rowsOf(HARBOUR).filter(({ user }) => user === BRIN)
    const months = monthsOf(rows)
    expect(await page.months(HARBOUR.login, BRIN.login)).toEqual(months)
    expect(await page.months(`id:${HARBOUR.id}`, `id:${BRIN.id}`)).toEqual(months)
    expect(await page.months(HARBOUR.login, MISSING)).toBe('nothing')
    const subject = `channel/${HARBOUR.login}/user/${BRIN.login}`
    for (const month of months) {
      const sent = rows.filter((row) => monthsOf([row])[0] === month)
      const shown = await page.month(subject, month, false)
      expect(shown.map(({ id, text, timeMs }) => ({ id, text, timeMs }))).toEqual(
        sent.map(({ id, text, sentAtMs }) => ({ id, text, timeMs: sentAtMs })),
      )
      expect(shown.at(-1)).toMatchObject({ systemText: 'Brin is back!' })
      expect(await page.month(subject, month, true)).toEqual(shown.toReversed())
      const { text, contentType } = await page.textFile(subject, month)
      expect(contentType).toBe('text/plain; charset=utf-8')
      expect(text.split('\r\n')).toHaveLength(sent.length + 1)
    }
    const [month = ''] = monthsOf(rows)
    const ofAda = await page.month(`channelid/${HARBOUR.id}/userid/${ADA.id}`, month, true)
    expect(ofAda[0]).toMatchObject({
      displayName: 'ADA_SIM',
      color: '#1E90FF',
      emotes: ['Kappa'],
      text: '😂 Kappa  two spaces ',
    })
  })

  it('the page of justlog searches in what messages and the system say', async () => {
    const { justlogPage } = clients
    const rows = rowsOf(LIGHTHOUSE).filter(({ user }) => user === BRIN)
    const [month = ''] = monthsOf(rows)
    const subject = `channel/${LIGHTHOUSE.login}/user/${BRIN.login}`
    const ofMonth = rows.filter((row) => monthsOf([row])[0] === month)
    const spoilers = ofMonth.filter(({ text }) => text === 'a spoiler')
    expect(await justlogPage.search(subject, month, 'A SPOILER')).toEqual(raws(spoilers))
    const subs = ofMonth.filter(({ type }) => type === 'USERNOTICE')
    expect(await justlogPage.search(subject, month, 'brin is back')).toEqual(raws(subs))
  })

  it('justlogs-as-recentmessages makes recent messages of day logs', async () => {
    const lines = await clients.justlogs.recent(HARBOUR.login, 2, 500)
    expect(lines?.map((line) => withoutAddedTags(line))).toEqual(raws(rowsOf(HARBOUR)))
    expect(await clients.justlogs.recent(MISSING, 2, 500)).toBeUndefined()
  })
})

/** From here on the log changes. */
describe('clients while chat goes on (4)', () => {
  it('Chatterino gets what it has missed after a lost connection, and nothing else', async () => {
    const ada = new ChatUser(world.sim, ADA)
    const connectedMs = Date.now()
    const lines = ['one', 'two', 'three'].map((text) => ada.say(HARBOUR, text))
    const missed = async (): Promise<readonly ShownMessage[]> =>
      messagesOf(await clients.chatterino.reconnect(HARBOUR.login, connectedMs, Date.now()))
    await eventually(async () => (await missed()).length === lines.length, SOON_MS)
    const messages = await missed()
    expect(messages.map(({ line }) => withoutAddedTags(line)).toSorted()).toEqual(lines.toSorted())
    for (const { shownAtMs } of messages) expect(shownAtMs).toBeGreaterThanOrEqual(connectedMs)
    const later = await clients.chatterino.reconnect(HARBOUR.login, Date.now() + 1, Date.now() + 2)
    expect(messagesOf(later)).toEqual([])
  })

  it('a channel that nobody logs yet is joined because Chatterino opens it, some of them', async () => {
    const { chatterino, bestLogs } = clients
    const open = async (login: string) => {
      const history = await chatterino.open(login)
      return 'systemText' in history ? history : { ...history, messages: history.messages.length }
    }
    // It does not exist; the tab is not kept waiting for long.
    expect(await open(MISSING)).toEqual({ messages: 0, hasGapWarning: false })
    expect(await dankChat().load(MISSING)).toEqual({ messages: [], problem: 'channel-not-joined' })
    await eventually(async () => {
      const { messages, problem } = await dankChat().load(BRIN.login)
      return problem === undefined && messages.some(({ line }) => / ROOMSTATE #/.test(line))
    }, SOON_MS)
    expect((await bestLogs.channels()).get(BRIN.login)).toBe(BRIN.id)
    const line = new ChatUser(world.sim, ADA).say(BRIN, 'so this is logged now')
    await eventually(
      async () => (await linesIn(BRIN)).some((shown) => withoutAddedTags(shown) === line),
      SOON_MS,
    )
    expect(await dankChat().load(DORA.login)).toEqual({
      messages: [],
      problem: 'channel-not-joined',
    })
    expect(world.sim.connections().flatMap(({ channels }) => channels)).not.toContain(DORA.login)
  })

  it('Supibot has a channel logged, with the key only', async () => {
    const { supibot, bestLogs, chatterino } = clients
    const wrong = new Supibot(world.poglog.api, 'another-key-of-characters')
    expect(await wrong.join(CLEO.id)).toBe(403)
    expect(await supibot.join(CLEO.id)).toBe(200)
    await eventually(async () => (await bestLogs.channels()).get(CLEO.login) === CLEO.id, SOON_MS)
    await eventually(async () => {
      const history = await chatterino.open(CLEO.login)
      return 'messages' in history && history.messages.some(({ line }) => / ROOMSTATE #/.test(line))
    }, SOON_MS)
    expect(world.sim.connections().flatMap(({ channels }) => channels)).toContain(CLEO.login)
  })

  it('a user opts out by the code of the page, typed in chat, and is seen nowhere any more (P1)', async () => {
    const { bestLogs, chatterino, page, supibot, justlogs } = clients
    const dora = new ChatUser(world.sim, DORA)
    expect(await bestLogs.user(HARBOUR.login, DORA.login)).toBe('logged')
    const code = await page.optOutCode()
    expect(code).toMatch(/^[A-Za-z0-9]{5}$/)
    // Somebody else's code is of no use to anybody else; a wrong one to nobody.
    dora.say(HARBOUR, '!rustlog optout 00000')
    dora.say(HARBOUR, `!rustlog optout ${code}`)
    const status = () => bestLogs.user(HARBOUR.login, DORA.login)
    await eventually(async () => (await status()) === 'opted-out', SOON_MS)
    expect(await bestLogs.user(`id:${LIGHTHOUSE.id}`, `id:${DORA.id}`)).toBe('opted-out')
    expect(await bestLogs.link(HARBOUR.login, DORA.login)).toMatchObject({
      status: 403,
      text: 'The requested user has opted out of being logged',
    })
    expect(await supibot.randomLine(HARBOUR.id, DORA.id)).toBe('opted-out')
    expect(await page.months(HARBOUR.login, DORA.login)).toBe('opt-out page')
    expect(await bestLogs.nameHistory(DORA.id).catch(String)).toContain('403')

    const [marker] = ['after the opt-out'].map((text) => {
      dora.say(HARBOUR, text)
      return new ChatUser(world.sim, ADA).say(HARBOUR, text)
    })
    await eventually(
      async () => (await linesIn(HARBOUR)).some((line) => withoutAddedTags(line) === marker),
      SOON_MS,
    )
    const everything = [
      ...(await linesIn(HARBOUR)),
      ...(await dankChat().load(HARBOUR.login)).messages.map(({ line }) => line),
      ...(await bestLogs.newestLines(HARBOUR.login, 500)),
      ...(await supibot.lastLines(HARBOUR.id, Date.now())),
      ...((await justlogs.recent(LIGHTHOUSE.login, 2, 500)) ?? []),
    ]
    expect(everything.length).toBeGreaterThan(100)
    expect(
      everything.filter((line) => line.includes(DORA.login) || line.includes(DORA.id)),
    ).toEqual([])
    expect(await chatterino.open(HARBOUR.login)).toMatchObject({ hasGapWarning: false })
    expect(await bestLogs.user(HARBOUR.login, ADA.login)).toBe('logged')
  })

  it('a broadcaster opts the channel out, and no client is given it (P1)', async () => {
    const { bestLogs, chatterino, page, supibot } = clients
    const code = await page.optOutCode()
    new ChatUser(world.sim, LIGHTHOUSE).say(LIGHTHOUSE, `!rustlog optout channel ${code}`)
    await eventually(async () => 'systemText' in (await chatterino.open(LIGHTHOUSE.login)), SOON_MS)
    expect(await chatterino.open(LIGHTHOUSE.login)).toEqual({
      systemText: 'Message history service unavailable',
    })
    expect(await dankChat().load(LIGHTHOUSE.login)).toEqual({
      messages: [],
      problem: 'channel-ignored',
    })
    expect(await bestLogs.user(LIGHTHOUSE.login, ADA.login)).toBe('opted-out')
    expect(await bestLogs.days(LIGHTHOUSE.login)).toEqual([])
    expect(await supibot.randomLine(LIGHTHOUSE.id)).toBe('opted-out')
    expect(await bestLogs.user(HARBOUR.login, ADA.login)).toBe('logged')
  })
})
