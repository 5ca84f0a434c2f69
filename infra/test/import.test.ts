import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chat, LogWorld, sorted, startLogWorld } from './support/log-world.ts'

let world: LogWorld
beforeEach(async () => {
  world = await startLogWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

async function write(name: string, lines: readonly string[] | Uint8Array): Promise<string> {
  const path = world.path(name)
  await writeFile(path, lines instanceof Uint8Array ? lines : lines.map((line) => `${line}\r\n`))
  return path
}

function bytesOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''))
}

describe('an import of files', () => {
  it('brings every line into the log byte for byte, and changes nothing the second time', async () => {
    const lines = chat(600)
    const file = await write('chat.txt', lines)
    expect(await world.import([file])).toMatchObject({ lines: 600, stored: 600, rejected: 0 })
    expect(sorted(await world.export())).toEqual(sorted(lines))
    const before = { objects: await world.objects(), segments: await world.segments() }

    expect(await world.import([file])).toMatchObject({ lines: 0, unitsKnown: 1 })
    expect(await world.import([file], { again: true })).toMatchObject({ stored: 0, known: 600 })
    expect({ objects: await world.objects(), segments: await world.segments() }).toEqual(before)
  })

  it('drops lines that come more than once, from whichever files', async () => {
    const lines = chat(300)
    const one = await write('one.txt', [...lines.slice(0, 200), ...lines.slice(0, 10)])
    const two = await write('two.txt', lines.slice(100))
    expect(await world.import([one, two])).toMatchObject({ stored: 300, equal: 110, known: 0 })
    expect(sorted(await world.export())).toEqual(sorted(lines))
  })

  it('finds out by itself what is compressed, in one piece or in several', async () => {
    const lines = chat(400)
    const parts = [0, 1, 2, 3].map((part) => bytesOf(lines.slice(part * 100, part * 100 + 100)))
    const [a = Buffer.of(), b = Buffer.of(), c = Buffer.of(), d = Buffer.of()] = parts
    const files = [
      await write('gzip.zst', Buffer.concat([gzipSync(a), gzipSync(b)])),
      await write('zstd.txt', Buffer.concat([zstdCompressSync(c), zstdCompressSync(d)])),
    ]
    expect(await world.import(files)).toMatchObject({ lines: 400, stored: 400, failures: [] })
    expect(sorted(await world.export())).toEqual(sorted(lines))
  })

  it('takes what there is of a file that is cut off, says so, and reads it again next time', async () => {
    const lines = chat(3000)
    const whole = gzipSync(bytesOf(lines))
    const file = await write('cut.gz', whole.subarray(0, whole.length - 2000))
    const other = await write('other.txt', chat(10, Date.UTC(2024, 5, 1), { seed: 12 }))
    const first = await world.import([file, other])
    expect(first.failures).toHaveLength(1)
    expect(first.stored).toBeGreaterThan(10)
    expect(await world.import([file, other])).toMatchObject({ unitsKnown: 1, stored: 0 })
    await writeFile(file, whole)
    const last = await world.import([file, other])
    expect(last.stored + first.stored).toBe(3010)
  })

  it('lists the lines it rejects, and goes on', async () => {
    const lines = chat(20)
    const bad = ['2024-03-01 ann hi', '[2024-03-01 00:00:00] #big ann: hi', 'PING :tmi.twitch.tv']
    const file = await write('bad.txt', [...lines.slice(0, 10), ...bad, ...lines.slice(10)])
    expect(await world.import([file])).toMatchObject({ stored: 20, rejected: 2, skipped: 1 })
    const rows = (await readFile(world.path('rejected.ndjson'), 'utf8')).trim().split('\n')
    expect(rows.map((row): unknown => JSON.parse(row))).toEqual([
      { source: file, line: 11, reason: 'malformed', text: `${bad[0]}\r` },
      { source: file, line: 12, reason: 'malformed', text: `${bad[1]}\r` },
    ])
  })

  it('finds the channel of lines that do not carry its id by what the log knows', async () => {
    const lines = chat(50)
    await world.import([await write('with.txt', lines)])
    const old = chat(40, Date.UTC(2016, 0, 1)).map((line) => line.replace(/room-id=\d+;/, ''))
    const bare = old.filter((line) => !line.includes('room-id='))
    const result = await world.import([await write('without.txt', bare)])
    expect(result.stored + result.rejected).toBe(bare.length)
    expect(result.stored).toBeGreaterThan(0)
  })

  it('appends what was sent within two hours to hot, once', async () => {
    const lines = chat(40, Date.now() - 40 * 60_000)
    const recent = lines.filter((line) => Number(/tmi-sent-ts=(\d+)/.exec(line)?.[1]) < Date.now())
    const file = await write('recent.txt', recent)
    expect(await world.import([file])).toMatchObject({ stored: 0, appended: recent.length })
    expect(sorted(await world.export())).toEqual(sorted(recent))
    expect(await world.import([file], { again: true })).toMatchObject({
      stored: 0,
      appended: 0,
      known: recent.length,
    })
    expect(sorted(await world.export())).toEqual(sorted(recent))
  })

  it('drops what an erased user has said before', async () => {
    const lines = chat(200)
    const userId = /;user-id=(\d+)/.exec(lines[0] ?? '')?.[1] ?? ''
    await world.hot((hot) => hot.erasures.request(userId))
    await world.import([await write('chat.txt', lines)])
    const others = lines.filter(
      (line) =>
        !line.includes(`;user-id=${userId};`) && !line.includes(`target-user-id=${userId};`),
    )
    expect(sorted(await world.export())).toEqual(sorted(others))
  })
})

describe('an import into an archive that was made anew', () => {
  it('reads again what was imported into the one before', async () => {
    const file = await write('chat.txt', chat(50))
    await world.import([file])
    await rm(world.path('objects'), { recursive: true })
    await using other = await startLogWorld()
    const env = { ...world.env, REDIS_URL: other.server.url }
    const anew = new LogWorld(world.dir, env, other.server)
    expect(await anew.import([file])).toMatchObject({ unitsKnown: 0, stored: 50 })
    expect(await anew.import([file])).toMatchObject({ unitsKnown: 1, stored: 0 })
  })
})

describe('an import into an archive that is damaged', () => {
  it.each(['corrupt', 'missing'])(
    'stops rather than count words twice where a covered segment is %s',
    async (kind) => {
      const file = await write('chat.txt', chat(100))
      await world.import([file])
      const before = await world.segments()
      const damaged = before.filter(({ projection }) => projection === 'by-channel')
      for (const { key, sizeBytes } of damaged) {
        const path = world.path('objects', ...key.split('/'))
        await rm(path, { force: true })
        if (kind === 'corrupt') await writeFile(path, Buffer.alloc(sizeBytes, 1))
      }
      const again = world.import([file], { again: true })
      await expect(again).rejects.toThrow(new RegExp(`segment ${kind}: by-channel/`))
      expect(await world.segments()).toEqual(before)
    },
  )
})

describe('an import of a justlog folder', () => {
  it('takes the days of channels, and of users what no day has', async () => {
    const lines = chat(1500, Date.UTC(2024, 2, 27), { messagesPerSecond: 0.006 })
    const channelId = /;room-id=(\d+)/.exec(lines[0] ?? '')?.[1] ?? ''
    const ofChannel = lines.filter((line) => line.includes(`;room-id=${channelId};`))
    const days = Map.groupBy(ofChannel, (line) => {
      const sent = new Date(Number(/tmi-sent-ts=(\d+)/.exec(line)?.[1]))
      return `${sent.getUTCFullYear()}/${sent.getUTCMonth() + 1}/${sent.getUTCDate()}`
    })
    const missing = [...days.keys()].at(1) ?? ''
    const month = missing.split('/').slice(0, 2).join('/')
    for (const [index, [day, ofDay]] of [...days].entries()) {
      if (day === missing) continue
      const folder = world.path('logs', channelId, day)
      await mkdir(folder, { recursive: true })
      const isOld = index === 0
      const bytes = isOld ? gzipSync(bytesOf(ofDay)) : bytesOf(ofDay)
      await writeFile(`${folder}/channel.txt${isOld ? '.gz' : ''}`, bytes)
    }
    const users = Map.groupBy(
      ofChannel.filter((line) => new RegExp(`;user-id=\\d`).test(line)),
      (line) => /;user-id=(\d+)/.exec(line)?.[1] ?? '',
    )
    await mkdir(world.path('logs', channelId, month), { recursive: true })
    for (const [userId, ofUser] of users) {
      await writeFile(world.path('logs', channelId, month, `${userId}.txt`), bytesOf(ofUser))
    }
    const expected = ofChannel.filter(
      (line) => !(days.get(missing) ?? []).includes(line) || /;user-id=\d/.test(line),
    )
    expect(days.size).toBeGreaterThan(2)
    expect(await world.import([world.path('logs')])).toMatchObject({ rejected: 0, failures: [] })
    expect(sorted(await world.export())).toEqual(sorted(expected))
    expect((await world.import([world.path('logs', channelId)])).lines).toBe(0)
  })

  it('refuses a folder that is none', async () => {
    await mkdir(world.path('empty'))
    await expect(world.import([world.path('empty')])).rejects.toThrow('as justlog lays them out')
    await expect(world.import([world.path('gone')])).rejects.toThrow('no such file or folder')
  })
})
