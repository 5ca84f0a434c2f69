import { describe, expect, it } from 'vitest'
import { message } from '../testing/messages.ts'
import { lineOf } from './line.ts'
import type { Line } from './line.ts'
import { marksOf } from './marks.ts'

const said = (id: string, second: number, username = 'icemad'): Line =>
  lineOf(message({ id, username, timestamp: `2026-11-21T18:40:0${second}Z` }))
const ban = (target: string, second: number, seconds?: number): Line =>
  lineOf(
    message({
      id: '',
      command: 'CLEARCHAT',
      username: target,
      trailing: target,
      timestamp: `2026-11-21T18:40:0${second}Z`,
      tags: seconds === undefined ? {} : { 'ban-duration': String(seconds) },
    }),
  )
const removal = (id: string, second: number): Line =>
  lineOf(
    message({
      id: '',
      command: 'CLEARMSG',
      timestamp: `2026-11-21T18:40:0${second}Z`,
      tags: { 'target-msg-id': id },
    }),
  )

describe('the marks of lines', () => {
  it('are of messages that were removed, and of none said later', () => {
    const lines = [said('a', 1), said('b', 2), removal('a', 3), said('c', 4)]
    expect([...marksOf(lines)]).toEqual([['a', 'deleted']])
  })

  it('are of all that a user said before a timeout or ban, and of nobody else', () => {
    const lines = [said('a', 1), said('b', 1, 'other'), ban('icemad', 2, 600), said('c', 3)]
    expect([...marksOf(lines)]).toEqual([['a', 'timed out']])
    expect([...marksOf([said('a', 1), ban('icemad', 2)])]).toEqual([['a', 'banned']])
  })

  it('are of everything when the chat was cleared', () => {
    const lines = [said('a', 1), said('b', 1, 'other'), ban('', 2), said('c', 3)]
    expect([...marksOf(lines).keys()].toSorted()).toEqual(['a', 'b'])
  })

  it('are not of what was said long before', () => {
    const early = { ...said('a', 1), sentMs: said('a', 1).sentMs - 3_600_000 }
    expect(marksOf([early, ban('icemad', 2, 1)]).size).toBe(0)
  })
})
