import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openObjectStore } from '@poglog/object-store'
import { expect, it } from 'vitest'
import { startArchiver, until } from './support/archiver-process.ts'
import { startWorld } from './support/world.ts'

it('an archiver process erases whoever is asked for, and says so without naming him (P1)', async () => {
  await using world = await startWorld()
  const dir = await mkdtemp(join(tmpdir(), 'poglog-erase-'))
  const url = `file://${dir}`
  const cold = await openObjectStore({ url })
  const log = await world.fresh(cold)
  await log.append(25)
  {
    await using archiver = await startArchiver({ REDIS_URL: world.server.url, OBJECT_STORE: url })
    await until(async () => (await archiver.metric('records_total')) === 25, 20_000)
    await log.append(5)
    await log.hot.erasures.request('2')
    await until(async () => (await log.hot.erasures.find('2'))?.state === 'done', 20_000)
    const line = archiver.lines.find(({ msg }) => msg === 'user erased')
    expect(line).toMatchObject({ level: 'info', unreadable: [] })
    expect(Number(line?.['records'])).toBeGreaterThanOrEqual(5)
    expect(Object.values(line ?? {})).not.toContain('2')
    expect(await archiver.metric('erasures_total')).toBe(1)
    expect(archiver.lines.filter(({ level }) => level === 'error')).toEqual([])
  }
  const segments = await log.segments()
  expect(segments.length).toBeGreaterThan(0)
  const snapshot = await log.hot.snapshot({ shard: 0, channelId: '33', maxEntries: 100 })
  expect(snapshot.page.entries.filter(({ userId }) => userId === '2')).toEqual([])
  await cold.close()
  await rm(dir, { recursive: true, force: true })
})
