import { describe, expect, it } from 'vitest'
import { knownKeys } from './known-keys.ts'
import { recordFromLine } from './record-from-line.ts'
import { readAll, storedSegment } from './testing/stored-segment.ts'
import type { LogRecord } from './types.ts'

const SENT = [
  '@badges=;color=;id=00000000-0000-4000-8000-000000000001;room-id=11;tmi-sent-ts=5000;user-id=7 :u!u@u.tmi.twitch.tv PRIVMSG #alpha :hello  world ',
  '@ban-duration=9;room-id=11;target-user-id=7;tmi-sent-ts=5001 :tmi.twitch.tv CLEARCHAT #alpha :u',
  '@login=u;room-id=11;target-msg-id=x;tmi-sent-ts=5002 :tmi.twitch.tv CLEARMSG #alpha :hello',
]

function recordsOf(lines: readonly string[]): LogRecord[] {
  return lines.map((line) => {
    const record = recordFromLine(line, { receivedAtMs: 9000 })
    if (record === undefined) throw new Error(`no record: ${line}`)
    return record
  })
}

const restoredLines = SENT.map((line) => line.replace('@', '@historical=1;rm-received-ts=5050;'))

describe('a line that a recent-messages service received', () => {
  it('comes back from a segment with the tags of the service, byte for byte (Q2)', async () => {
    const { source } = await storedSegment(recordsOf(restoredLines))
    const read = await readAll(source)
    expect(read.map(({ raw }) => raw)).toEqual(restoredLines)
    expect(read).toEqual(recordsOf(restoredLines))
  })

  it('is known to an import of the line as Twitch sent it (I2)', async () => {
    const { source } = await storedSegment(recordsOf(restoredLines))
    const imported = recordsOf(SENT)
    expect([...(await knownKeys(source, imported))].length).toBe(imported.length)
  })
})
