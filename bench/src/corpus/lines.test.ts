import { memoryObjectStore } from '@poglog/object-store/testing'
import { describe, expect, it } from 'vitest'
import { roundTrip } from './lines.ts'

const ID = '0f1e2d3c-4b5a-4697-8879-6a5b4c3d2e1f'
const MESSAGE = `@id=${ID};room-id=1;tmi-sent-ts=1795250000123;user-id=2 :a!a@a.tmi.twitch.tv PRIVMSG #b :hi 👋`

describe('roundTrip', () => {
  it('brings back records, other lines, doubles and what is no message', async () => {
    const lines = [MESSAGE, 'PING :tmi.twitch.tv', MESSAGE, '', 'not @ a: message!', ':x JOIN #b']
    const file = Buffer.from(`${lines.join('\r\n')}\n`)
    expect(await roundTrip(file, memoryObjectStore())).toEqual({
      lines: 6,
      logged: 2,
      segments: 2,
      failures: [],
    })
  })

  it('does not call broken UTF-8 the same', async () => {
    const file = Buffer.from([0x50, 0x49, 0x4e, 0x47, 0x20, 0xff, 0x0a])
    const { failures } = await roundTrip(file, memoryObjectStore())
    expect(failures).toEqual(['the bytes of the file are not those of its text'])
  })
})
