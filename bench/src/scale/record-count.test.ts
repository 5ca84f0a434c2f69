import { generateLines, generatedChannels } from '@poglog/chat-sim'
import { describe, expect, it } from 'vitest'
import { recordsIn } from '../ingest/lines.ts'
import { RecordCount } from './record-count.ts'

const chat = { seed: 3, channels: 4, startMs: 1_700_000_000_000, messagesPerSecond: 1000 }
const channels = generatedChannels(chat)
const roomIds = new Map(channels.map(({ login, roomId }) => [login, roomId]))

describe('RecordCount', () => {
  it('counts what a logger makes of the lines, also where they come in parts', () => {
    const texts = [...generateLines({ ...chat, lines: 20_000 })]
    const expected = recordsIn(texts, { path: '', typical: '', texts, channels })
    expect(expected).toBeLessThan(texts.length)
    const records = new RecordCount(roomIds)
    const counts = [texts.slice(0, 11_000), texts.slice(11_000)].map((part) => {
      expect([...records.countIn(part)]).toEqual(part)
      return records.take()
    })
    expect(counts[0]).toBeGreaterThan(10_000)
    expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(expected)
  })
})
