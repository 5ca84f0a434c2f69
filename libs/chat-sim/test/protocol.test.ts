import { describe, expect, it } from 'vitest'
import type { ChatSim, ChatSimSettings } from '../src/index.ts'
import { connect, fileOf, listen, message, pause, serve, until } from './client.ts'

const ROOM =
  /^@emote-only=0;followers-only=-1;r9k=0;room-id=(\d+);slow=0;subs-only=0 :tmi\.twitch\.tv ROOMSTATE #(\w+)$/

/** A server whose one channel nobody joins, so that no chat comes in between. */
async function quiet(settings: Partial<ChatSimSettings> = {}): Promise<ChatSim> {
  const file = await fileOf(message('never_joined', 'x'))
  return serve({ source: { kind: 'replay', file, rate: 'max' }, ...settings })
}

describe('the chat server', () => {
  it('acknowledges the capabilities it has and refuses others', async () => {
    const client = await connect(await quiet())
    client.send(
      'CAP LS 302\r\nCAP REQ :twitch.tv/tags twitch.tv/commands\r\nCAP REQ :twitch.tv/tags x/y\r\n',
    )
    await until(() => client.lines.length === 3)
    expect(client.lines).toEqual([
      ':tmi.twitch.tv CAP * LS :twitch.tv/tags twitch.tv/commands twitch.tv/membership',
      ':tmi.twitch.tv CAP * ACK :twitch.tv/tags twitch.tv/commands',
      ':tmi.twitch.tv CAP * NAK :twitch.tv/tags x/y',
    ])
  })

  it('welcomes an anonymous client with the numerics clients wait for, in one frame', async () => {
    const client = await connect(await quiet())
    client.send('PASS SCHMOOPIIE\r\nNICK JustinFan123\r\n')
    await until(() => client.lines.length === 7)
    const numerics = client.lines.map((line) => line.split(' ')[1])
    expect(numerics).toEqual(['001', '002', '003', '004', '375', '372', '376'])
    expect(client.lines[0]).toBe(':tmi.twitch.tv 001 justinfan123 :Welcome, GLHF!')
    expect(client.frames).toHaveLength(1)
    expect(client.frames[0]).toMatch(/\r\n$/)
  })

  it('lets an account in with its token, in either order', async () => {
    const sim = await quiet({ accounts: { ann: 'secret' } })
    for (const login of ['PASS oauth:secret\r\nNICK ann', 'NICK ann\r\nPASS oauth:secret']) {
      const client = await connect(sim)
      client.send(`CAP REQ :twitch.tv/tags twitch.tv/commands\r\n${login}\r\nJOIN #room`)
      await until(() => client.lines.some((line) => line.includes('ROOMSTATE')))
      expect(client.lines.some((line) => line.includes(' GLOBALUSERSTATE'))).toBe(true)
      expect(client.lines.some((line) => line.includes(' USERSTATE #room'))).toBe(true)
    }
  })

  it.each([
    ['PASS oauth:wrong\r\nNICK ann', 'Login authentication failed'],
    ['PASS oauth:secret\r\nNICK bob', 'Login authentication failed'],
    ['PASS secret\r\nNICK ann', 'Improperly formatted auth'],
  ])('refuses %j and closes', async (login, reason) => {
    const client = await connect(await quiet({ accounts: { ann: 'secret' } }))
    client.send(login)
    await until(() => client.isClosed)
    expect(client.lines).toEqual([`:tmi.twitch.tv NOTICE * :${reason}`])
  })

  it('confirms every channel of a JOIN with its echo, names and room state', async () => {
    const client = await listen(await quiet(), ['One', 'two'])
    await until(() => client.lines.filter((line) => ROOM.test(line)).length === 2)
    const own = 'justinfan42.tmi.twitch.tv'
    expect(client.lines.slice(8, 11)).toEqual([
      `:justinfan42!justinfan42@${own} JOIN #one`,
      `:${own} 353 justinfan42 = #one :justinfan42`,
      `:${own} 366 justinfan42 #one :End of /NAMES list`,
    ])
  })

  it('joins nothing before the login, nothing twice, and leaves on PART', async () => {
    const sim = await quiet()
    const client = await connect(sim)
    client.send(
      'JOIN #early\r\nNICK justinfan1\r\nJOIN #room\r\nJOIN #room\r\nPART #room\r\nPART #other',
    )
    await until(() => client.lines.some((line) => line.includes('PART')))
    await pause(20)
    const moves = client.lines.filter((line) => / (?:JOIN|PART) /.test(line))
    expect(moves.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      'JOIN #room',
      'PART #room',
    ])
    expect(sim.connections()[0]?.channels).toEqual([])
  })

  it('gives each channel one room id for good, the same to everyone', async () => {
    const sim = await quiet()
    const [one, two] = [await listen(sim, ['room', 'hall']), await listen(sim, ['room'])]
    await until(() => one.lines.filter((line) => ROOM.test(line)).length === 2)
    await until(() => two.lines.some((line) => ROOM.test(line)))
    const roomIds = one.lines.flatMap((line) => ROOM.exec(line)?.[1] ?? [])
    expect(new Set(roomIds).size).toBe(2)
    expect(two.lines.flatMap((line) => ROOM.exec(line)?.[1] ?? [])).toEqual(roomIds.slice(0, 1))
  })

  it('says that a channel is suspended, and nothing at all about one that does not exist', async () => {
    const sim = await quiet({ suspendedChannels: ['banned'], missingChannels: ['nowhere'] })
    const client = await listen(sim, ['nowhere', 'banned', 'room'])
    await until(() => client.lines.some((line) => ROOM.test(line)))
    expect(client.lines.slice(8).filter((line) => /nowhere|banned/.test(line))).toEqual([
      '@msg-id=msg_channel_suspended :tmi.twitch.tv NOTICE #banned :This channel does not exist or has been suspended.',
    ])
    sim.suspend('room')
    await until(() => client.lines.at(-1)?.includes('PART #room') === true)
    expect(client.lines.at(-2)).toContain('msg_channel_suspended')
    expect(sim.connections()[0]?.channels).toEqual([])
  })

  it('answers PING, also with an argument, and names a command it does not know', async () => {
    const client = await connect(await quiet())
    client.send('NICK justinfan1\r\nPING\r\nPING :abc def\r\nWHO #x\r\n')
    await until(() => client.lines.length === 10)
    expect(client.lines.slice(7)).toEqual([
      ':tmi.twitch.tv PONG tmi.twitch.tv :',
      ':tmi.twitch.tv PONG tmi.twitch.tv :abc def',
      ':tmi.twitch.tv 421 justinfan1 WHO :Unknown command',
    ])
  })

  it('sends PING and drops who does not answer', async () => {
    const sim = await quiet({ pingIntervalMs: 50, pongTimeoutMs: 300 })
    const [lively, dead] = [await listen(sim, ['a']), await listen(sim, ['a'])]
    dead.answersPing = false
    await until(() => dead.isClosed)
    expect(lively.isClosed).toBe(false)
    expect(lively.lines.filter((line) => line === 'PING :tmi.twitch.tv').length).toBeGreaterThan(1)
  })

  it('ignores JOINs over the limit, as Twitch does', async () => {
    const sim = await quiet({ joinLimit: { joins: 3, windowMs: 60_000 } })
    const client = await listen(sim, ['a', 'b', 'c', 'd', 'e'])
    await until(() => client.lines.some((line) => line.includes('ROOMSTATE #c')))
    client.send('PING :end')
    await until(() => client.lines.at(-1)?.endsWith(':end') === true)
    expect(sim.connections()[0]?.channels).toEqual(['a', 'b', 'c'])
    expect(client.lines.some((line) => line.includes('#d'))).toBe(false)
  })

  it('closes instead where it was told to', async () => {
    const client = await listen(await quiet({ joinLimit: { joins: 1, over: 'close' } }), ['a', 'b'])
    await until(() => client.isClosed)
    expect(client.closeCode).toBe(1006)
  })

  it('takes whatever a client sends', async () => {
    const sim = await quiet()
    const client = await connect(sim)
    client.send('NICK justinfan1')
    for (const line of [
      '',
      '\r\n\r\n',
      ' ',
      ':',
      'JOIN',
      'JOIN #',
      'JOIN x,#,##,#ü',
      'CAP',
      'NICK b',
      '\0',
      'é'.repeat(1000),
    ]) {
      client.send(line)
    }
    client.send('PING :end')
    await until(() => client.lines.at(-1)?.endsWith(':end') === true)
    expect(sim.connections()).toMatchObject([{ nick: 'justinfan1', channels: [] }])
    client.send('x'.repeat(100_000))
    await until(() => client.isClosed)
  })

  it('leaves out what a client did not ask for', async () => {
    const lines = [
      message('a', 'hi'),
      '@room-id=1 :tmi.twitch.tv CLEARCHAT #a',
      message('a', 'end'),
    ]
    const file = await fileOf(lines.join('\n'))
    const sim = await serve({ source: { kind: 'replay', file, rate: 'max' } })
    const client = await connect(sim)
    client.send('NICK justinfan1\r\nJOIN #a')
    await until(() => client.lines.at(-1)?.endsWith(':end') === true)
    expect(client.lines.slice(10)).toEqual([
      ':ann!ann@ann.tmi.twitch.tv PRIVMSG #a :hi',
      ':ann!ann@ann.tmi.twitch.tv PRIVMSG #a :end',
    ])
  })
})
