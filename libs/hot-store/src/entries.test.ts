import { describe, expect, it } from 'vitest'
import { arrivalOf, checkedPageSize, decodePage } from './entries.ts'

const reply = (id: string, ...fields: unknown[]): unknown => [id, fields]
const good = reply('5-1', 'r', 'raw', 't', '4', 'u', '', 'k', 'NOTICE')

describe('decodePage', () => {
  it('reads an entry; one without a sent time takes the arrival', () => {
    const untimed = reply('7-0', 'r', 'raw', 't', '', 'u', '9', 'k', 'PRIVMSG')
    expect(decodePage([good, untimed], '1', 10)).toEqual({
      entries: [
        {
          id: '5-1',
          channelId: '1',
          receivedAtMs: 5,
          sentAtMs: 4,
          userId: '',
          type: 'NOTICE',
          raw: 'raw',
        },
        {
          id: '7-0',
          channelId: '1',
          receivedAtMs: 7,
          sentAtMs: 7,
          userId: '9',
          type: 'PRIVMSG',
          raw: 'raw',
        },
      ],
      nextId: undefined,
    })
  })

  it('goes on after a full page', () => {
    expect(decodePage([good], '1', 1).nextId).toBe('5-1')
    expect(decodePage([], '1', 1).nextId).toBeUndefined()
  })

  it.each([
    null,
    'x',
    [null],
    [reply('5-1')],
    [reply('5-1', 't', '4', 'r', 'raw', 'u', '', 'k', 'NOTICE')],
    [reply('5-1', 'r', 'raw', 't', '-', 'u', '', 'k', 'NOTICE')],
    [reply('5-1', 'r', 7, 't', '4', 'u', '', 'k', 'NOTICE')],
  ])('calls the reply %j corrupt (S1)', (hostile) => {
    expect(() => decodePage(hostile, '1', 1)).toThrow(expect.objectContaining({ kind: 'corrupt' }))
  })

  it('refuses ids and sizes that are none (S1)', () => {
    for (const id of ['', '5', '-', '5-1-1', '5-1\n', '+', '99999999999999999-0']) {
      expect(() => arrivalOf(id)).toThrow(expect.objectContaining({ kind: 'invalid' }))
    }
    for (const size of [0, -1, 0.5, 10_001, Number.NaN]) {
      expect(() => checkedPageSize(size)).toThrow(expect.objectContaining({ kind: 'invalid' }))
    }
  })
})
