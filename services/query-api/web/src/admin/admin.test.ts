import { describe, expect, it } from 'vitest'
import type { AdminChannel } from '../api/admin.ts'
import { chosen, pageOf, sortedBy } from './channel-rows.ts'
import type { Column } from './channel-rows.ts'
import { namesProblem, readNames } from './names.ts'

describe('the names of channels', () => {
  it('are read between spaces, commas and lines, each once', () => {
    expect(readNames(' Forsen,#nymn\n@xqc  22484632;forsen\nid:5, login:123 ')).toEqual({
      names: ['forsen', 'nymn', 'xqc', '22484632', 'id:5', 'login:123'],
      wrong: [],
    })
  })

  it('may be addresses at Twitch', () => {
    expect(readNames('https://www.twitch.tv/Forsen twitch.tv/nymn/').names).toEqual([
      'forsen',
      'nymn',
    ])
  })

  it('are not sent where one is none, or where there are none or too many', () => {
    expect(namesProblem(readNames('forsen foo!bar'))).toBe('Neither login nor id: foo!bar')
    expect(namesProblem(readNames(' , '))).toBe('Give a login or an id.')
    const many = Array.from({ length: 1001 }, (_, id) => id).join(' ')
    expect(namesProblem(readNames(many))).toBe('Give at most 1000 at a time.')
    expect(namesProblem(readNames('forsen'))).toBeUndefined()
  })
})

describe('the table of channels', () => {
  const channels = [
    channel('b', { channelId: '9', messagesPerMinute: 5, replicas: ['ingest-1'] }),
    channel('a', { channelId: '10', messagesPerMinute: null, addedAt: 7 }),
    channel('c', { channelId: null, messagesPerMinute: 50, isOptedOut: true }),
  ]
  const loginsBy = (column: Column, isDescending: boolean): string =>
    chosen(channels, '', { column, isDescending })
      .map(({ login }) => login)
      .join('')

  it('is sorted by every column, what is not known last', () => {
    expect(loginsBy('login', false)).toBe('abc')
    expect(loginsBy('login', true)).toBe('cba')
    expect(loginsBy('channelId', false)).toBe('bac')
    expect(loginsBy('messagesPerMinute', true)).toBe('cba')
    expect(loginsBy('messagesPerMinute', false)).toBe('bca')
    expect(loginsBy('isOptedOut', true)).toBe('cab')
    expect(loginsBy('addedAt', true)).toBe('abc')
    expect(loginsBy('replicas', false)).toBe('bac')
  })

  it('turns around when its column is chosen again', () => {
    const first = sortedBy('messagesPerMinute', { column: 'login', isDescending: false })
    expect(first).toEqual({ column: 'messagesPerMinute', isDescending: true })
    expect(sortedBy('messagesPerMinute', first).isDescending).toBe(false)
  })

  it('is narrowed by login, id or replica', () => {
    const sort = { column: 'login', isDescending: false } as const
    const found = ['', ' A ', '9', 'INGEST-1', 'x'].map((filter) =>
      chosen(channels, filter, sort).map(({ login }) => login),
    )
    expect(found).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['b'], []])
  })

  it('has pages, and no page behind the last', () => {
    const many = Array.from({ length: 250 }, (_, id) => channel(`c${id}`, {}))
    expect(pageOf(many, 0)).toMatchObject({ first: 0, total: 250, hasNext: true })
    expect(pageOf(many, 2).rows).toHaveLength(50)
    expect(pageOf(many, 9)).toMatchObject({ first: 200, hasNext: false })
    expect(pageOf([], 0)).toEqual({ rows: [], first: 0, total: 0, hasNext: false })
  })
})

function channel(login: string, values: Partial<AdminChannel>): AdminChannel {
  return {
    login,
    channelId: '1',
    addedAt: 0,
    isOptedOut: false,
    retentionDays: null,
    replicas: [],
    messagesPerMinute: 1,
    ...values,
  }
}
