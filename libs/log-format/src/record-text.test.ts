import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { rawTag } from '@poglog/irc-parser'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareRecords } from './order.ts'
import { readSegment } from './read-segment.ts'
import { recordFromLine } from './record-from-line.ts'
import { plainRecord, recordTag, spokenText } from './record-text.ts'
import { generateRecords } from './testing.ts'
import { ircLine } from './testing/irc-line.ts'
import { storedSegment } from './testing/stored-segment.ts'
import type { LogRecord } from './types.ts'

const TAGS = [
  'id',
  'login',
  'display-name',
  'user-id',
  'room-id',
  'tmi-sent-ts',
  'msg-id',
  'mod',
  'x',
]
const EVERYTHING = { fromMs: 0, toMs: Infinity, order: 'asc' } as const

function recordsOf(lines: readonly string[]): LogRecord[] {
  const records = new Map<string, LogRecord>()
  for (const [index, line] of lines.entries()) {
    const record = recordFromLine(line, { channelId: '7', receivedAtMs: 5000 + index })
    if (record !== undefined)
      records.set(`${record.channelId} ${record.sentAtMs} ${record.key}`, record)
  }
  return [...records.values()].toSorted(compareRecords)
}

async function readBack(records: readonly LogRecord[]): Promise<LogRecord[]> {
  const { source } = await storedSegment(records)
  const found: LogRecord[] = []
  for await (const batch of readSegment(source, EVERYTHING)) found.push(...batch)
  return found
}

const message = fc
  .tuple(
    fc.constantFrom('', '@', '@login=rex;', '@login=;', '@login=a\\sb;'),
    fc.constantFrom('msg-id=sub;room-id=7;user-id=1 ', 'id;mod=1;mod=2;x= ', 'x=a;x;x=b '),
    fc.constantFrom(':rex!rex@rex.tmi.twitch.tv ', ':tmi.twitch.tv ', ':rex ', ''),
    fc.constantFrom('PRIVMSG #c :hi there', 'USERNOTICE #c', 'NOTICE #c one', 'CLEARCHAT #c :rex'),
  )
  .map(([first, tags, source, rest]) => {
    const tagged = first === '' ? '' : first + tags
    return tagged + source + rest
  })

describe('a record of a segment', () => {
  it('tells login, text and tags as its line does', async () => {
    const line = fc.oneof(ircLine(), message)
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 40 }), async (lines) => {
        const records = recordsOf(lines)
        fc.pre(records.length > 0)
        for (const [index, record] of (await readBack(records)).entries()) {
          const plain = records[index]
          if (plain === undefined) throw new Error('a record too many')
          const told = [spokenText(record), TAGS.map((name) => recordTag(record, name))]
          const wanted = [spokenText(plain), TAGS.map((name) => rawTag(plain.raw, name))]
          expect(JSON.stringify({ raw: plain.raw, told })).toBe(
            JSON.stringify({ raw: plain.raw, told: wanted }),
          )
        }
      }),
      { numRuns: 60 },
    )
  })

  it('is the same as JSON and as a plain record, whoever asks first', async () => {
    const records = [...generateRecords({ channels: 2, recordsEach: 30 })]
    const read = await readBack(records)
    expect(JSON.stringify(read)).toBe(JSON.stringify(records))
    expect(read.map(plainRecord)).toEqual(records)
    expect((await readBack(records)).map(plainRecord)).toEqual(records)
    expect(records.map(plainRecord)).toEqual(records)
  })

  it('keeps its batch in memory and not its row group', async () => {
    const { source } = await storedSegment(generateRecords({ channels: 1, recordsEach: 24_000 }))
    const before = await heldBytes()
    const kept: LogRecord[] = []
    let read = 0
    for await (const batch of readSegment(source, EVERYTHING)) {
      if (read % 8000 === 0) kept.push(...batch.slice(0, 1))
      read += batch.length
    }
    expect(kept).toHaveLength(3)
    // A row group of these has 900,000 bytes, a request of several 2 million, a batch 50,000.
    expect((await heldBytes()) - before).toBeLessThan(600_000)
    expect(kept.map(({ raw }) => raw).join('')).not.toBe('')
  })
})

/** Bytes outside of the heap, after all that nobody holds is gone: what is found dead is swept in the background. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc')
  for (let round = 0; round < 4; round += 1) {
    runInNewContext('gc()')
    await setImmediate()
  }
  return process.memoryUsage().arrayBuffers
}
