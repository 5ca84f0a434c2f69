import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { QueryApp } from '../app-types.ts'
import { CHANNELS_KEPT_MS } from '../limits.ts'
import { fakeApp } from '../testing/fake-app.ts'
import { FakeHot } from '../testing/fake-hot.ts'

let hot: FakeHot
let app: QueryApp

beforeEach(() => {
  hot = new FakeHot()
  for (const [id, login] of [
    ['10', 'forsen'],
    ['11', 'forsenlol'],
    ['12', 'for_you'],
    ['13', 'nymn'],
  ] as const) {
    hot.logins.set(id, login)
    hot.registered.add(login)
  }
  hot.registered.add('never_joined')
  app = fakeApp({ hot })
})

async function get(query: string): Promise<string> {
  const response = await app.request(`/channels${query}`)
  expect([response.status, response.headers.get('cache-control')]).toEqual([
    200,
    'public, max-age=600',
  ])
  return await response.text()
}

async function namesOf(query: string): Promise<string[]> {
  return [...(await get(query)).matchAll(/"name":"(\w+)"/g)].map(([, name = '']) => name)
}

describe('/channels', () => {
  it('has all, as rustlog, when nothing is asked for or what it does not know', async () => {
    const all =
      '{"channels":[{"name":"for_you","userID":"12"},{"name":"forsen","userID":"10"},{"name":"forsenlol","userID":"11"},{"name":"nymn","userID":"13"}]}'
    expect(await get('')).toBe(all)
    expect(await get('?json=1&offset=x')).toBe(all)
  })

  it('has those that begin with a prefix, in any case, in order, as many as are asked for', async () => {
    expect(await namesOf('?prefix=forsen')).toEqual(['forsen', 'forsenlol'])
    expect(await namesOf('?prefix=FOR&limit=2')).toEqual(['for_you', 'forsen'])
    expect(await namesOf('?limit=1')).toEqual(['for_you'])
    expect(await namesOf('?prefix=orsen')).toEqual([])
    expect(await namesOf('?prefix=')).toHaveLength(4)
  })

  it.each(['0', '-1', 'x', '1e3', '', '99999999999999999', '1&limit=1'])(
    'takes a wrong limit for none: %s',
    async (limit) => {
      expect(await namesOf(`?prefix=for&limit=${limit}`)).toHaveLength(3)
    },
  )

  it('leaves out at once who opts out, also where the list is kept (P1)', async () => {
    expect(await namesOf('?prefix=for&limit=1')).toEqual(['for_you'])
    hot.optedOut = { users: new Set(), channels: new Set(['12']) }
    expect(await namesOf('?prefix=for&limit=1')).toEqual(['forsen'])
    expect(await namesOf('')).not.toContain('for_you')
  })
})

describe('completion', () => {
  it('reads the list once in some seconds, however much is typed', async () => {
    const list = vi.spyOn(hot.registry, 'list')
    await Promise.all(['?prefix=f', '?prefix=fo', '?prefix=for'].map(namesOf))
    expect(list).toHaveBeenCalledTimes(1)
    hot.registered.delete('forsen')
    expect(await namesOf('?prefix=fors')).toEqual(['forsen', 'forsenlol'])
    // Who lists all is told what holds now.
    expect(await namesOf('')).not.toContain('forsen')
    const laterMs = performance.now() + CHANNELS_KEPT_MS + 1
    const now = vi.spyOn(performance, 'now').mockReturnValue(laterMs)
    // The cache takes the time anew in each millisecond.
    await sleep(5)
    expect(await namesOf('?prefix=fors')).toEqual(['forsenlol'])
    now.mockRestore()
  })

  it('is tried again after a failure', async () => {
    vi.spyOn(hot.registry, 'list').mockRejectedValueOnce(new Error('away'))
    expect((await app.request('/channels?prefix=f')).status).toBe(500)
    expect(await namesOf('?prefix=fo')).toHaveLength(3)
  })
})
