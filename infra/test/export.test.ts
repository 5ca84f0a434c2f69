import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { readJobConfig } from '@poglog/archiver'
import { compareRecords, readSegment, recordFromLine, verifySegment } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { openObjectStore } from '@poglog/object-store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportLogs } from '../src/export.ts'
import { listChannels } from '../src/export/list-channels.ts'
import { openReads } from '../src/export/open-reads.ts'
import type { ExportCommandOptions } from '../src/export/options.ts'
import { chat, sorted, startLogWorld } from './support/log-world.ts'
import type { LogWorld } from './support/log-world.ts'

const COLD = chat(400, Date.UTC(2024, 2, 1), { seed: 21, messagesPerSecond: 0.01 })
const HOT = chat(60, Date.UTC(2024, 2, 4), { seed: 21, messagesPerSecond: 0.01 })
const ALL = [...COLD, ...HOT]

let world: LogWorld
beforeAll(async () => {
  world = await startLogWorld()
  const file = world.path('chat.txt')
  await writeFile(file, COLD.map((line) => `${line}\n`).join(''))
  await world.import([file])
  await world.hot(async (hot) => {
    for (const line of HOT) {
      const { channelId, key, raw, sentAtMs, userId, type } = recordOf(line)
      await hot.append(hot.shardOf(channelId), [{ channelId, key, raw, sentAtMs, userId, type }])
    }
  })
})
afterAll(() => world[Symbol.asyncDispose]())

function recordOf(line: string): LogRecord {
  const record = recordFromLine(line, { receivedAtMs: 0 })
  if (record === undefined) throw new Error('a made-up line does not parse')
  return record
}

let files = 0
/** The bytes of an export. */
async function exported(options: Partial<ExportCommandOptions>): Promise<string> {
  const out = world.path(`out-${(files += 1)}`)
  await exportLogs({ format: 'raw', data: world.path('data'), ...options, out }, world.env)
  return await readFile(out, 'utf8')
}

const linesOf = (all: string): string[] => (all === '' ? [] : all.slice(0, -1).split('\n'))

async function parquet(options: Partial<ExportCommandOptions>): Promise<LogRecord[]> {
  const out = `out-${(files += 1)}.parquet`
  const path = world.path(out)
  await exportLogs(
    { format: 'parquet', data: world.path('data'), ...options, out: path },
    world.env,
  )
  await using opened = new AsyncDisposableStack()
  const store = await openObjectStore({ url: pathToFileURL(world.dir).href })
  opened.defer(() => store.close())
  const sizeBytes = (await store.size(out)) ?? 0
  const source = { store, key: out, sizeBytes }
  await verifySegment(source)
  const records: LogRecord[] = []
  const query = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, order: 'asc' } as const
  for await (const batch of readSegment(source, query)) records.push(...batch)
  return records
}

describe('poglog export', () => {
  it('writes a channel as Twitch sent it, hot and cold, in the order of sent times (Q2)', async () => {
    const { channelId, channelLogin } = recordOf(ALL[0] ?? '')
    const ofChannel = ALL.filter((line) => recordOf(line).channelId === channelId)
    for (const channel of [
      channelLogin,
      channelId,
      `id:0${channelId}`,
      `login:${channelLogin.toUpperCase()}`,
    ]) {
      const lines = linesOf(await exported({ channel }))
      expect(sorted(lines)).toEqual(sorted(ofChannel))
      const times = lines.map((line) => recordOf(line).sentAtMs)
      expect(times).toEqual(times.toSorted((left, right) => left - right))
    }
  })

  it('writes everything where neither channel nor user is named', async () => {
    expect(sorted(linesOf(await exported({})))).toEqual(sorted(ALL))
  })

  it('lists the channels of a shard again when a segment was compacted away', async () => {
    await using reads = await openReads(readJobConfig(world.env))
    const { hot } = reads
    const asked: number[] = []
    let gone = 1
    const moving = {
      shards: hot.shards,
      channels: (shard: number) => hot.channels(shard),
      async manifest(shard: number) {
        asked.push(shard)
        const entries = await hot.manifest(shard)
        if (shard === 0 || gone === 0) return entries
        gone -= 1
        return entries.map((entry) =>
          Object.assign({}, entry, { key: entry.key.replace('.parquet', '-gone.parquet') }),
        )
      },
    }
    const { signal } = new AbortController()
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, signal }
    const channels = new Set(ALL.map((line) => recordOf(line).channelId))
    expect(await listChannels(range, { ...reads, hot: moving })).toEqual([...channels].toSorted())
    expect(asked).toEqual([0, 1, 1])
    gone = Infinity
    await expect(listChannels(range, { ...reads, hot: moving })).rejects.toThrow('missing')
  })

  it('writes a user over all channels', async () => {
    const users = Map.groupBy(ALL, (line) => recordOf(line).userId)
    users.delete('')
    const [user = '', lines = []] =
      [...users].toSorted((a, b) => b[1].length - a[1].length)[0] ?? []
    const found = linesOf(await exported({ user }))
    expect(new Set(found.map((line) => recordOf(line).channelId)).size).toBeGreaterThan(1)
    expect(sorted(found)).toEqual(sorted(lines))
    const records = await parquet({ user })
    expect(records.map(({ raw }) => raw).toSorted()).toEqual(sorted(lines))
    expect(records).toEqual(records.toSorted(compareRecords))
  })

  it('keeps to a range and to types', async () => {
    const [from, to] = ['2024-03-02', '2024-03-04T06:30:00Z']
    const inRange = ALL.filter((line) => {
      const { sentAtMs } = recordOf(line)
      return sentAtMs >= Date.parse(from) && sentAtMs < Date.parse(to)
    })
    expect(inRange.length).toBeGreaterThan(10)
    expect(inRange.length).toBeLessThan(ALL.length)
    expect(sorted(linesOf(await exported({ from, to })))).toEqual(sorted(inRange))
    const others = ALL.filter((line) => recordOf(line).type !== 'PRIVMSG')
    const type = 'usernotice,CLEARCHAT,clearmsg,NOTICE,ROOMSTATE'
    expect(others.length).toBeGreaterThan(0)
    expect(sorted(linesOf(await exported({ type })))).toEqual(sorted(others))
  })

  it('writes one JSON object a line', async () => {
    const rows = linesOf(await exported({ format: 'ndjson' })).map((row): unknown =>
      JSON.parse(row),
    )
    expect(rows).toHaveLength(ALL.length)
    const raws = rows.map((row) =>
      typeof row === 'object' && row !== null && 'raw' in row ? String(row.raw) : '',
    )
    expect(sorted(raws)).toEqual(sorted(ALL))
  })

  it('writes a Parquet segment that is sorted and whole', async () => {
    const records = await parquet({})
    expect(records.map(({ raw }) => raw).toSorted()).toEqual(sorted(ALL))
  })

  it('leaves no file when there is nothing to write, or an option is wrong', async () => {
    const none = { channel: '999999', format: 'parquet' }
    await expect(exported(none)).rejects.toThrow('there is nothing to export')
    const wrong: [Partial<ExportCommandOptions>, string][] = [
      [{ channel: 'nobody_here' }, 'has not seen a "nobody_here"'],
      [{ format: 'xml' }, 'is none of raw, ndjson, parquet'],
      [{ type: 'JOIN' }, 'is none of PRIVMSG'],
      [{ from: 'yesterday' }, 'is neither'],
      [{ from: '2024-02-30' }, 'is neither'],
      [{ to: '2024-02-30T01:00:00Z' }, 'is neither'],
      [{ user: 'id:ann' }, 'neither a login nor an id'],
      [{ from: '2024-03-02', to: '2024-03-02' }, 'must be before'],
    ]
    for (const [options, message] of wrong) {
      await expect(exported(options)).rejects.toThrow(message)
    }
    const made = (await readdir(world.dir)).filter((name) => name.includes('.partial'))
    expect(made).toEqual([])
    expect((await readdir(world.dir)).includes(`out-${files}`)).toBe(false)
  })

  it('fails with a message, and leaves no file, when it cannot write on', async () => {
    const out = world.path('full.txt')
    const data = ['--data', world.path('data')]
    // Blocks of 512 bytes: far less than the lines.
    const file = await world.runIn('ulimit -f 16', ['export', ...data, '--out', out])
    expect(file.code).toBe(1)
    expect(file.stderr).toMatch(/poglog: cannot write to .*full\.txt: EFBIG[^\n]*\n$/)
    expect((await readdir(world.dir)).filter((name) => name.startsWith('full.txt'))).toEqual([])
    const stdout = await world.runIn('exec > /dev/full', ['export', ...data])
    expect(stdout.code).toBe(1)
    expect(stdout.stderr).toMatch(
      /poglog: cannot write to standard output: the disk is full[^\n]*\n$/,
    )
  })

  it('ends without a word when nobody reads on', { timeout: 60_000 }, async () => {
    const child = world.start(['export', '--data', world.path('data')])
    const ended = once(child, 'close')
    child.stdout.once('data', () => child.stdout.destroy())
    const said = text(child.stderr)
    await ended
    expect({ code: child.exitCode, said: await said }).toEqual({ code: 0, said: '' })
  })
})
