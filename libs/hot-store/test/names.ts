import type { Cluster, Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import type { HotStore } from '../src/index.ts'

/** What names and the registry do on any Redis. */
export function nameTests(
  stores: () => { readonly hot: HotStore; readonly other: HotStore; readonly raw: Redis | Cluster },
): void {
  describe('names and registry', () => {
    it('learns both directions, and the name seen later wins', async () => {
      const { hot, other } = stores()
      const now = 1_760_000_000_000
      const learnt = await hot.names.learn([
        { id: '71', login: 'old_name', seenAtMs: now },
        { id: '72', login: '__proto__', seenAtMs: now },
        { id: 'x', login: 'bad', seenAtMs: now },
        { id: '73', login: 'Bad', seenAtMs: now },
      ])
      expect(learnt).toEqual({ written: 4, refused: 2 })
      await other.names.learn([{ id: '71', login: 'new_name', seenAtMs: now + 5 }])
      await other.names.learn([{ id: '71', login: 'old_name', seenAtMs: now - 5 }])
      expect(await hot.names.loginsOf(['71', '72', '73', 'x'])).toEqual(
        new Map([
          ['71', 'new_name'],
          ['72', '__proto__'],
        ]),
      )
      expect(await hot.names.idsOf(['old_name', 'new_name', 'nobody', 'A B'])).toEqual(
        new Map([
          ['old_name', '71'],
          ['new_name', '71'],
        ]),
      )
      // Renamed and back within minutes: written again, though this process wrote the pair before.
      await other.names.learn([{ id: '71', login: 'old_name', seenAtMs: now + 9 }])
      await other.names.learn([{ id: '71', login: 'new_name', seenAtMs: now + 11 }])
      expect(await hot.names.loginsOf(['71'])).toEqual(new Map([['71', 'new_name']]))
    })

    it('writes a name that it wrote lately only once', async () => {
      const { hot } = stores()
      const name = { id: '81', login: 'chatty', seenAtMs: 1_760_000_000_000 }
      expect(await hot.names.learn([name])).toMatchObject({ written: 2 })
      expect(await hot.names.learn([{ ...name, seenAtMs: name.seenAtMs + 1000 }])).toMatchObject({
        written: 0,
      })
      expect(await hot.names.learn([{ ...name, seenAtMs: name.seenAtMs + 600_000 }])).toMatchObject(
        { written: 2 },
      )
    })

    it('learns thousands of names at once', async () => {
      const { hot } = stores()
      const names = Array.from({ length: 3000 }, (_, n) => ({
        id: `${900_000 + n}`,
        login: `many_${n}`,
        seenAtMs: 5,
      }))
      expect(await hot.names.learn(names)).toEqual({ written: 6000, refused: 0 })
      expect((await hot.names.idsOf(names.map(({ login }) => login))).size).toBe(3000)
    })

    it('keeps the registry of channels', async () => {
      const { hot, other } = stores()
      expect(await hot.registry.add(['nymn', 'forsen', '__proto__', 'nymn'])).toBe(3)
      expect(await other.registry.add(['forsen', 'xqc'])).toBe(1)
      expect(await hot.registry.setId('forsen', '22484632')).toBe(true)
      expect(await hot.registry.remove(['xqc', 'nobody'])).toBe(1)
      expect(await hot.registry.setId('xqc', '71092938')).toBe(false)
      expect((await hot.registry.list()).map(({ login, channelId }) => [login, channelId])).toEqual(
        [
          ['__proto__', undefined],
          ['forsen', '22484632'],
          ['nymn', undefined],
        ],
      )
      for (const channel of await other.registry.list()) {
        expect(await hot.registry.find(channel.login)).toEqual(channel)
      }
      for (const login of ['xqc', 'nobody', 'constructor', '', 'A', '#nymn']) {
        expect(await hot.registry.find(login)).toBeUndefined()
      }
      for (const login of ['', 'A', '#nymn', 'a\n', 'x'.repeat(26)]) {
        await expect(hot.registry.add([login])).rejects.toMatchObject({ kind: 'invalid' })
      }
      await expect(hot.registry.setId('nymn', 'x')).rejects.toMatchObject({ kind: 'invalid' })
    })

    it('keeps a channel that was asked for until nobody has asked for it for long', async () => {
      const { hot, other } = stores()
      const logins = async () => (await other.registry.list()).map(({ login }) => login)
      await hot.registry.remove(await logins())
      await hot.registry.add(['settled'])
      expect(await hot.registry.ask('settled', 2)).toBe('known')
      expect(await hot.registry.ask('first', 2)).toBe('added')
      expect(await other.registry.ask('first', 2)).toBe('known')
      expect(await hot.registry.ask('second', 2)).toBe('added')
      expect(await hot.registry.ask('third', 2)).toBe('full')
      expect(await logins()).toEqual(['first', 'second', 'settled'])
      expect(await hot.registry.setId('first', '1')).toBe(true)

      // Put into the settings, or added by an admin: it stays.
      await hot.registry.add(['second'])
      expect(await hot.registry.dropUnasked(60_000)).toEqual([])
      expect(await hot.registry.dropUnasked(0)).toEqual(['first'])
      expect(await hot.registry.dropUnasked(0)).toEqual([])
      expect(await logins()).toEqual(['second', 'settled'])

      // Removed by an admin: its place is free, and it may be asked for again.
      expect(await hot.registry.ask('first', 1)).toBe('added')
      await hot.registry.remove(['first'])
      expect(await hot.registry.ask('third', 1)).toBe('added')
      await expect(hot.registry.ask('#third', 1)).rejects.toMatchObject({ kind: 'invalid' })
      await hot.registry.remove(await logins())
    })

    it('renames a channel as one change, and lets it stay for as long as before', async () => {
      const { hot, raw } = stores()
      const asked = () => raw.hkeys('{channels}:asked')
      await hot.registry.remove((await hot.registry.list()).map(({ login }) => login))
      await hot.registry.add(['settled'])
      await hot.registry.ask('asked', 9)
      expect(await hot.registry.rename('settled', 'settled_new', '1')).toBe(true)
      expect(await hot.registry.rename('asked', 'asked_new', '2')).toBe(true)
      expect(await hot.registry.rename('asked', 'other', '2')).toBe(false)
      const renamed = (await hot.registry.list()).map(({ login, channelId }) => [login, channelId])
      expect(renamed).toEqual([
        ['asked_new', '2'],
        ['settled_new', '1'],
      ])
      expect(await asked()).toEqual(['asked_new'])
      // To a login that is there already: whichever of the two was to stay decides.
      await hot.registry.add(['kept'])
      expect(await hot.registry.rename('asked_new', 'kept', '2')).toBe(true)
      expect(await asked()).toEqual([])
      await hot.registry.ask('again', 9)
      expect(await hot.registry.rename('kept', 'again', '2')).toBe(true)
      expect(await asked()).toEqual([])
      await hot.registry.remove(['again', 'settled_new'])
    })

    it('notes an access once in half an hour, and only of a channel that was asked for', async () => {
      const { hot, raw } = stores()
      await hot.registry.add(['settled'])
      await hot.registry.ask('asked', 1)
      const accessMs = async () => Number(await raw.hget('{channels}:asked', 'asked'))
      const askedMs = await accessMs()
      await hot.registry.noteAccess('asked')
      await hot.registry.noteAccess('settled')
      expect(await accessMs()).toBe(askedMs)
      await raw.hset('{channels}:asked', 'asked', askedMs - 1_800_000)
      await hot.registry.noteAccess('asked')
      expect(await accessMs()).toBeGreaterThanOrEqual(askedMs)
      expect(await raw.hlen('{channels}:asked')).toBe(1)
      await hot.registry.remove(['settled', 'asked'])
    })
  })
}
