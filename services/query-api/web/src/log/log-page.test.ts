import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DAY_MS } from '../place/time.ts'
import { message } from '../testing/messages.ts'
import { askPage } from './log-page.ts'
import type { Edge, PageAsked } from './log-page.ts'
import type { LogQuery } from './log-query.ts'

const QUERY: LogQuery = { channel: 'pogfox', user: 'id:7', search: '', types: 'PRIVMSG' }
const NOON = Date.UTC(2026, 10, 21, 12)
const asked: Omit<PageAsked, 'edge'> = {
  direction: 'older',
  limit: 10,
  firstMs: NOON - 100 * DAY_MS,
  nowMs: NOON,
  signal: new AbortController().signal,
}

/** What the API answers next, and what it was asked. */
let answer: unknown
let urls: URL[]
beforeEach(() => {
  urls = []
  vi.stubGlobal('fetch', (path: string) => {
    urls.push(new URL(path, 'http://poglog.example'))
    return Promise.resolve(Response.json(answer))
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const messages = [message({ id: 'b' }), message({ id: 'a' })]

describe('a page of a log', () => {
  it('goes on by a cursor in each direction, the oldest line first', async () => {
    answer = { messages, nextCursor: 'on', previousCursor: 'back' }
    const page = await askPage(QUERY, { ...asked, edge: { kind: 'time', timeMs: NOON } })
    expect(page.lines.map(({ key }) => key)).toEqual(['a', 'b'])
    expect(page.older).toEqual({ kind: 'cursor', cursor: 'on' })
    expect(page.newer).toEqual({ kind: 'cursor', cursor: 'back' })
    expect(urls[0]?.pathname).toBe('/channel/pogfox/logs')
    expect(Object.fromEntries(urls[0]?.searchParams ?? [])).toEqual({
      user: '7',
      type: 'PRIVMSG',
      order: 'desc',
      limit: '10',
      to: String(NOON),
    })
    await askPage(QUERY, { ...asked, direction: 'newer', edge: { kind: 'cursor', cursor: 'back' } })
    expect(urls[1]?.searchParams.get('order')).toBe('asc')
    expect(urls[1]?.searchParams.get('cursor')).toBe('back')
    expect(urls[1]?.searchParams.has('from')).toBe(false)
  })

  it('ends where there is no cursor, and goes back from where it was asked when it is empty', async () => {
    answer = { messages: [], nextCursor: null, previousCursor: null }
    const edge: Edge = { kind: 'time', timeMs: NOON }
    expect(await askPage(QUERY, { ...asked, edge })).toEqual({
      lines: [],
      older: { kind: 'end' },
      newer: edge,
    })
  })

  it('of a search looks at growing spans of time until the log begins', async () => {
    answer = { messages: [], nextCursor: null, previousCursor: null }
    const query = { ...QUERY, search: 'Pog' }
    let edge: Edge = { kind: 'time', timeMs: NOON, spanMs: DAY_MS }
    const spans: number[] = []
    while (edge.kind !== 'end') {
      edge = (await askPage(query, { ...asked, edge })).older
      const { from, to, q } = Object.fromEntries(urls.at(-1)?.searchParams ?? [])
      expect(q).toBe('Pog')
      spans.push((Number(to) - Number(from)) / DAY_MS)
    }
    expect(spans).toEqual([1, 2, 4, 8, 16, 32, 32, 32])
  })

  it('of a search goes on with its cursor within the span, then beyond it', async () => {
    const query = { ...QUERY, search: 'Pog' }
    answer = { messages, nextCursor: 'on', previousCursor: 'back' }
    const start: Edge = { kind: 'time', timeMs: NOON, spanMs: DAY_MS }
    const { older } = await askPage(query, { ...asked, edge: start })
    answer = { messages, nextCursor: null, previousCursor: 'back' }
    if (older.kind === 'end') throw new Error('it goes on')
    const next = await askPage(query, { ...asked, edge: older })
    expect(urls[1]?.searchParams.get('from')).toBe(String(NOON - DAY_MS))
    expect(urls[1]?.searchParams.get('cursor')).toBe('on')
    expect(next.older).toEqual({ kind: 'time', timeMs: NOON - DAY_MS, spanMs: 2 * DAY_MS })
  })

  it('of a search that takes long looks at no more than before', async () => {
    answer = { messages: [], nextCursor: null, previousCursor: null }
    vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValueOnce(5000)
    const edge: Edge = { kind: 'time', timeMs: NOON, spanMs: 4 * DAY_MS }
    const { older } = await askPage({ ...QUERY, search: 'Pog' }, { ...asked, edge })
    expect(older).toEqual({ kind: 'time', timeMs: NOON - 4 * DAY_MS, spanMs: 4 * DAY_MS })
  })

  it('of a search goes up to now', async () => {
    answer = { messages: [], nextCursor: null, previousCursor: null }
    const edge: Edge = { kind: 'time', timeMs: NOON - DAY_MS / 2, spanMs: DAY_MS }
    const query = { ...QUERY, search: 'Pog' }
    const page = await askPage(query, { ...asked, direction: 'newer', edge })
    expect(page.newer).toEqual({ kind: 'end' })
  })

  it('that is not what was asked for is an error', async () => {
    answer = { messages: [{}] }
    const edge: Edge = { kind: 'time', timeMs: NOON }
    await expect(askPage(QUERY, { ...asked, edge })).rejects.toMatchObject({ kind: 'failed' })
  })
})
