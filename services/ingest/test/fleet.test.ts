import { setTimeout as delay } from 'node:timers/promises'
import type { ChatSim } from '@poglog/chat-sim'
import { parseLedger, recordTypeOf } from '@poglog/log-format'
import type { LedgerEntry } from '@poglog/log-format'
import { describe, expect, it } from 'vitest'
import { World, until } from './world.ts'

const CHANNELS = 60

interface Sent {
  readonly sim: ChatSim
  readonly lines: string[]
}

/** Chat that is made up all the time, and what was said so far. */
async function startChat(world: World): Promise<Sent> {
  const lines: string[] = []
  const generated = {
    kind: 'generate',
    seed: 7,
    channels: CHANNELS,
    messagesPerSecond: 150,
  } as const
  const onLine = (line: string): void => void lines.push(line)
  const sim = await world.startSim({ source: { ...generated, onLine } })
  return { sim, lines }
}

const envOf = (world: World, id: string, replication: string) => ({
  REPLICA_ID: id,
  SPOOL_DIR: `${world.dir}/spool-${id}`,
  REPLICATION: replication,
})

const receiving = (replicas: readonly { status: () => { channels: { receiving: number } } }[]) =>
  replicas.map((replica) => replica.status().channels.receiving)

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

/** Lines sent from the `from`th on that Redis does not have. */
async function missing(world: World, lines: readonly string[], from: number): Promise<string[]> {
  const stored = new Set((await world.stored()).map(({ raw }) => raw))
  return lines.slice(from).filter((line) => !stored.has(line))
}

async function ledger(world: World): Promise<LedgerEntry[]> {
  const entries = await world.stored(['PRESENCE', 'GAP'])
  return entries.flatMap(({ raw, type }) => {
    const recordType = recordTypeOf(type)
    return (recordType && parseLedger({ raw, type: recordType })) ?? []
  })
}

describe('replicas of ingest', () => {
  it.each(['1', '2'])(
    'share the channels, move them and leave without missing a line (I1), replication %s',
    async (replication) => {
      await using world = await World.create()
      await world.startRedis()
      const { sim, lines } = await startChat(world)
      const start = async (id: string) =>
        await world.startIngest(sim, envOf(world, id, replication))
      const expected = (replicas: number) => CHANNELS * Math.min(replicas, Number(replication))
      const all = [await start('a')]
      await until('all are joined', () => sum(receiving(all)) === CHANNELS)
      const from = lines.length
      for (const id of ['b', 'c']) {
        all.push(await start(id))
        await until('they share', () => sum(receiving(all)) === expected(all.length))
        await until('nothing moves', () =>
          all.every((one) => one.status().slots.joining + one.status().slots.awaited === 0),
        )
      }
      expect(Math.max(...receiving(all))).toBeLessThan(expected(3))
      for (const leaving of all.splice(0, 2)) {
        await leaving.stop()
        await delay(300)
      }
      await until('one has them all', () => receiving(all)[0] === CHANNELS)
      const to = lines.length
      expect(to - from).toBeGreaterThan(200)
      await delay(500)
      await all[0]?.stop()
      expect(await missing(world, lines.slice(0, to), from)).toEqual([])

      const entries = await ledger(world)
      const ends = entries.filter(({ kind }) => kind !== 'joined').map((entry) => entry.kind)
      expect(new Set(ends)).toEqual(new Set(['parted']))
      expect(entries.filter(({ kind }) => kind === 'joined').length).toBe(ends.length)
    },
  )
})
