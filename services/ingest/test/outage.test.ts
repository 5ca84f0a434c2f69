import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseLedger } from '@poglog/log-format'
import { describe, expect, it } from 'vitest'
import { NO_DIFFERENCE, World, chatLine, difference, isSameOrder, range, until } from './world.ts'

const CHAT = ['PRIVMSG', 'USERNOTICE', 'CLEARCHAT', 'CLEARMSG']
const raws = async (world: World) => (await world.stored(CHAT)).map(({ raw }) => raw)

async function spoolFiles(world: World): Promise<string[]> {
  const names = await readdir(join(world.dir, 'spool'), { recursive: true }).catch(() => [])
  return names.filter((name) => name.includes('.spool'))
}

describe('ingest while Redis is away', () => {
  it('loses and doubles nothing when Redis is killed in the middle of a replay (I1) (I2)', async () => {
    await using world = await World.create()
    let redis = await world.startRedis()
    const lines = range(0, 15_000).map((n) => chatLine(n))
    const sim = await world.startReplay(lines, { rate: 2500 })
    const ingest = await world.startIngest(sim)
    for (const sent of [1000, 6000]) {
      await until(`${sent} lines are sent`, () => sim.progress().sent > sent)
      await redis.kill()
      await until('the spool is used', () => ingest.status().spoolBytes > 0)
      await delay(300)
      redis = await world.startRedis()
      await until('the spool is empty', () => ingest.status().spoolBytes === 0)
    }
    await until('the replay is over', () => sim.progress().done)
    await ingest.stop()
    expect(world.told('ingest stopped')[0]).toMatchObject({ dropped: 0 })
    // In order of arrival too, although Redis went away twice.
    const stored = await raws(world)
    expect(difference(stored, lines)).toEqual(NO_DIFFERENCE)
    expect(isSameOrder(stored, lines)).toBe(true)
    expect(await spoolFiles(world)).toEqual([])
  })

  it('joins and spools when Redis is away at the start, and delivers when it comes (I1)', async () => {
    await using world = await World.create()
    const lines = range(0, 3000).map((n) => chatLine(n))
    const sim = await world.startReplay(lines)
    const ingest = await world.startIngest(sim)
    await until('the replay is over', () => sim.progress().done)
    await until('all is on disk', () => ingest.status().bufferBytes === 0)
    expect(ingest.status().spoolBytes).toBeGreaterThan(100_000)
    await world.startRedis()
    await until('the spool is empty', () => ingest.status().spoolBytes === 0)
    await ingest.stop()
    const stored = await raws(world)
    expect(difference(stored, lines)).toEqual(NO_DIFFERENCE)
    expect(isSameOrder(stored, lines)).toBe(true)
  })

  it('keeps lines in the spool over a stop and a start (I1)', async () => {
    await using world = await World.create()
    const lines = range(0, 3000).map((n) => chatLine(n))
    const first = await world.startReplay(lines.slice(0, 2000))
    const before = await world.startIngest(first)
    await until('the replay is over', () => first.progress().done)
    await before.stop()
    expect(await spoolFiles(world)).not.toEqual([])

    const redis = await world.startRedis()
    const second = await world.startReplay(lines.slice(2000))
    const after = await world.startIngest(second, { SHARDS: '3' })
    await until('the replay is over', () => second.progress().done)
    await until('the spool is empty', () => after.status().spoolBytes === 0)
    await after.stop()
    expect(difference(await raws(world), lines)).toEqual(NO_DIFFERENCE)
    expect(await spoolFiles(world)).toEqual([])
    await redis.stop()
  })

  it('drops lines only beyond the spool and the buffer, and says which in the ledger (I1)', async () => {
    await using world = await World.create()
    const rooms = { alpha: '11', beta: '12', gamma: '13' }
    const lines = range(0, 20_000).map((n) => {
      const [login = '', roomId] = Object.entries(rooms)[n % 3] ?? []
      return chatLine(n, login, roomId)
    })
    const sim = await world.startReplay(lines)
    const limits = { SPOOL_BYTES_MAX: '1048576', BUFFER_BYTES_MAX: '1048576' }
    const ingest = await world.startIngest(sim, limits)
    await until('the replay is over', () => sim.progress().done)
    await until(
      'lines are dropped',
      () => world.told('lines dropped: buffer and spool are full').length > 0,
    )
    expect(ingest.status().bufferBytes).toBeLessThanOrEqual(1_048_576)
    expect(ingest.status().spoolBytes).toBeLessThanOrEqual(1_048_576)
    await world.startRedis()
    await until('the spool is empty', () => ingest.status().spoolBytes === 0)
    await ingest.stop()
    const stored = await raws(world)
    expect(new Set(stored).size).toBe(stored.length)
    expect(isSameOrder(stored.slice(0, 300), ofRoom(lines, '11').slice(0, 300))).toBe(true)

    // Each GAP says the very times between which its channel lost lines, and how many.
    const has = new Set(stored)
    const missing = lines.filter((line) => !has.has(line))
    expect(missing.length).toBeGreaterThan(1000)
    const lost = Object.values(rooms).map((roomId) => {
      const sentMs = ofRoom(missing, roomId).map(sentAtMs)
      const [fromMs, atMs] = [Math.min(...sentMs), Math.max(...sentMs)]
      return { channelId: roomId, cause: 'dropped', fromMs, atMs, lines: sentMs.length }
    })
    expect(await gapsOf(world)).toEqual(lost)
    expect(world.told('ingest stopped')[0]).toMatchObject({ dropped: missing.length })
  })
})

const ofRoom = (lines: readonly string[], roomId: string): string[] =>
  lines.filter((line) => line.includes(`;room-id=${roomId};`))

const sentAtMs = (line: string): number => Number(/;tmi-sent-ts=(\d+);/.exec(line)?.[1])

/** What the ledger says is missing, by channel. */
async function gapsOf(world: World) {
  const entries = await world.stored(['GAP'])
  const gaps = entries.flatMap(({ raw }) => {
    const entry = parseLedger({ raw, type: 'GAP' })
    return entry?.kind === 'gap' ? [entry] : []
  })
  return gaps
    .map(({ channelId, cause, fromMs, atMs, lines }) => ({ channelId, cause, fromMs, atMs, lines }))
    .toSorted((a, b) => Number(a.channelId) - Number(b.channelId))
}
