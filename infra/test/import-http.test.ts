import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PoliteClient } from '../src/import/http.ts'
import { chat, sorted, startLogWorld } from './support/log-world.ts'
import type { LogWorld } from './support/log-world.ts'

const DAY_MS = 86_400_000

let world: LogWorld
let server: Server
let base: string
let asked: string[]
let answer: (url: URL, response: ServerResponse) => void

beforeEach(async () => {
  world = await startLogWorld()
  asked = []
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '', 'http://test')
    asked.push(`${url.pathname}${url.search}`)
    answer(url, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  base = `http://127.0.0.1:${address.port}`
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await world[Symbol.asyncDispose]()
})

const sentAtMs = (line: string): number => Number(/tmi-sent-ts=(\d+)/.exec(line)?.[1])
const roomOf = (line: string): string => /;room-id=(\d+)/.exec(line)?.[1] ?? ''

function daysOf(lines: readonly string[]) {
  return Map.groupBy(lines, (line) => {
    const day = new Date(sentAtMs(line))
    return `${day.getUTCFullYear()}/${day.getUTCMonth() + 1}/${day.getUTCDate()}`
  })
}

/** The lines of one channel, some a day. */
function channelLines(startMs: number, messagesPerSecond = 0.006): string[] {
  const lines = chat(900, startMs, { seed: 11, messagesPerSecond })
  return lines.filter((line) => roomOf(line) === roomOf(lines[0] ?? ''))
}

function send(response: ServerResponse, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(200, { 'content-type': type }).end(body)
}

describe('an import from justlog or rustlog', () => {
  it('fetches the days there are, again after a failure, and none a second time', async () => {
    const lines = channelLines(Date.UTC(2024, 2, 1))
    const days = daysOf(lines)
    const failures = ['429', '500', 'cut']
    answer = (url, response) => {
      if (url.pathname === '/list') {
        const availableLogs = [...days.keys()].toReversed().map((day) => {
          const [year, month, date] = day.split('/')
          return { year, month, day: date }
        })
        send(response, JSON.stringify({ availableLogs }), 'application/json')
        return
      }
      const failure = failures.shift()
      const day = url.pathname.split('/').slice(3).join('/')
      const body = (days.get(day) ?? []).map((line) => `${line}\r\n`).join('')
      if (failure === '429') response.writeHead(429, { 'retry-after': '0' }).end()
      else if (failure === '500') response.writeHead(500).end('Database error')
      else if (failure === 'cut') {
        response.writeHead(200, { 'content-length': body.length + 10 })
        response.write(body.slice(0, 100), () => response.destroy())
      } else send(response, body)
    }
    const options = { from: `${base}/`, channel: 'Big' }
    expect(await world.import([], options)).toMatchObject({
      stored: lines.length,
      equal: 0,
      rejected: 0,
      failures: [],
    })
    expect(sorted(await world.export())).toEqual(sorted(lines))
    expect(asked[0]).toBe('/list?channel=big')
    expect(asked.filter((url) => url.startsWith('/channel/big/2024/3/'))).toHaveLength(
      days.size + 3,
    )
    expect(asked.at(-1)?.endsWith('?raw')).toBe(true)

    asked = []
    expect(await world.import([], options)).toMatchObject({ unitsKnown: days.size, lines: 0 })
    expect(asked).toEqual(['/list?channel=big'])
  })

  it('takes the months of a user, by ids, in the days asked for', async () => {
    const lines = channelLines(Date.UTC(2024, 1, 27))
    const userId = /;user-id=(\d+)/.exec(lines[0] ?? '')?.[1] ?? ''
    const ofUser = lines.filter((line) => line.includes(`;user-id=${userId};`))
    answer = (url, response) => {
      if (url.pathname === '/list') {
        const availableLogs = [3, 2, 1].map((month) => ({ year: '2024', month: String(month) }))
        send(response, JSON.stringify({ availableLogs }), 'application/json')
      } else {
        const month = Number(url.pathname.split('/').at(-1))
        const ofMonth = ofUser.filter(
          (line) => new Date(sentAtMs(line)).getUTCMonth() + 1 === month,
        )
        send(response, ofMonth.map((line) => `${line}\n`).join(''))
      }
    }
    const channel = roomOf(lines[0] ?? '')
    const options = {
      from: base,
      channel,
      user: userId,
      fromDate: '2024-02-15',
      toDate: '2024-03-31',
    }
    expect(await world.import([], options)).toMatchObject({ stored: ofUser.length, rejected: 0 })
    expect(asked.toSorted()).toEqual([
      `/channelid/${channel}/userid/${userId}/2024/2?raw`,
      `/channelid/${channel}/userid/${userId}/2024/3?raw`,
      `/list?channelid=${channel}&userid=${userId}`,
    ])
  })

  it('reads the day that has not ended again', async () => {
    const lines = channelLines(Date.now() - 12 * 3_600_000).filter(
      (line) => sentAtMs(line) < Date.now() - 3 * 3_600_000,
    )
    const days = daysOf(lines)
    answer = (url, response) => {
      const availableLogs = [...days.keys()].map((day) => {
        const [year, month, date] = day.split('/')
        return { year, month, day: date }
      })
      if (url.pathname === '/list') send(response, JSON.stringify({ availableLogs }))
      else send(response, `${days.get(url.pathname.split('/').slice(3).join('/'))?.join('\n')}\n`)
    }
    const options = { from: base, channel: 'big' }
    expect(await world.import([], options)).toMatchObject({ stored: lines.length })
    expect(await world.import([], options)).toMatchObject({ stored: 0, known: lines.length })
  })

  it('notes no day as done that did not come, and goes on', async () => {
    const lines = channelLines(Date.UTC(2024, 2, 1), 0.002)
    const days = daysOf(lines)
    expect(days.size).toBeGreaterThan(3)
    const [gone = '', json = '', cut = ''] = days.keys()
    const whole = [...days].filter(([day]) => day !== gone && day !== json).flatMap(([, of]) => of)
    answer = (url, response) => {
      const day = url.pathname.split('/').slice(3).join('/')
      if (url.pathname === '/list') {
        const availableLogs = [...days.keys()].map((name) => {
          const [year, month, date] = name.split('/')
          return { year, month, day: date }
        })
        send(response, JSON.stringify({ availableLogs }), 'application/json')
      } else if (day === gone) response.writeHead(404).end('x')
      else if (day === json) send(response, '{"message":"maintenance"}', 'application/json')
      else if (day === cut) {
        // As HTTP/1.0 ends an answer: nobody can tell an end from a cut.
        response.socket?.end(`HTTP/1.1 200 OK\r\n\r\n${days.get(cut)?.join('\n')}\n@half`)
      } else send(response, `${days.get(day)?.join('\n')}\n`)
    }
    const options = { from: base, channel: 'big' }
    const first = await world.import([], options)
    expect(first.failures).toEqual([
      expect.stringContaining('is not there'),
      expect.stringContaining('JSON'),
    ])
    expect(first).toMatchObject({ stored: whole.length, rejected: 1 })
    expect(await world.import([], options)).toMatchObject({ unitsKnown: days.size - 3, stored: 0 })
  })

  it('gives up what is too large or takes too long (S1)', async () => {
    const { signal } = new AbortController()
    const path = world.path('download')
    answer = (_, response) => send(response, 'x'.repeat(2000))
    const small = new PoliteClient({ downloadBytesMax: 1000 })
    await expect(small.download(base, path, signal)).rejects.toThrow('larger than 1000 bytes')
    answer = (_, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write('x'), 20)
      response.once('close', () => clearInterval(timer))
    }
    const short = new PoliteClient({ totalMsMax: 300 })
    await expect(short.download(base, path, signal)).rejects.toThrow('longer than 0.3 s')
  })

  it('says what is wrong with an address', async () => {
    answer = (_, response) => response.writeHead(404).end('Not found')
    const options = { from: base, channel: 'big' }
    await expect(world.import([], options)).rejects.toThrow('has no logs of big')
    answer = (_, response) => response.writeHead(403).end()
    await expect(world.import([], options)).rejects.toThrow('has opted out')
    answer = (_, response) => send(response, '<html>', 'text/html')
    await expect(world.import([], options)).rejects.toThrow('answers with a web page')
    answer = (_, response) => send(response, '{}', 'application/json')
    await expect(world.import([], options)).rejects.toThrow('does not answer as justlog')
    await expect(world.import([], { from: 'ftp://x', channel: 'a' })).rejects.toThrow('no address')
    await expect(world.import(['x'], options)).rejects.toThrow('not both')
  })
})

describe('an import from recent-messages', () => {
  it('takes all pages and stores what Twitch sent', async () => {
    const lines = channelLines(Date.now() - 5 * DAY_MS).filter(
      (line) => sentAtMs(line) < Date.now() - DAY_MS,
    )
    const received = lines.map((line) => ({
      receivedAtMs: sentAtMs(line) + 40,
      text: line.replace('@', `@historical=1;rm-received-ts=${sentAtMs(line) + 40};rm-deleted=1;`),
    }))
    answer = (url, response) => {
      const before = Number(url.searchParams.get('before') ?? Infinity)
      const page = received.filter(({ receivedAtMs }) => receivedAtMs < before).slice(-100)
      const messages = page.map(({ text }) => text)
      send(
        response,
        JSON.stringify({ messages, error: null, error_code: null }),
        'application/json',
      )
    }
    const options = { from: base, channel: 'Big', api: 'recent-messages' }
    expect(lines.length).toBeGreaterThan(150)
    expect(await world.import([], options)).toMatchObject({ stored: lines.length, failures: [] })
    expect(asked[0]).toBe('/api/v2/recent-messages/big?limit=800')
    expect(sorted(await world.export())).toEqual(sorted(lines))
    expect(await world.import([], options)).toMatchObject({ stored: 0, known: lines.length })
  })

  it('says what an instance answers that does not know the channel', async () => {
    answer = (_, response) => response.writeHead(404).end('{}')
    const { failures } = await world.import([], { from: `${base}/recent-messages`, channel: 'big' })
    expect(failures).toEqual([expect.stringContaining('is not there')])
  })
})
