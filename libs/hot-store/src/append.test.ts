import { describe, expect, it } from 'vitest'
import { appendRejection, RAW_BYTES_MAX } from './append.ts'
import { appendLine } from './testing/lines.ts'

describe('appendRejection', () => {
  it('accepts ordinary lines, without user and without sent time too', () => {
    expect(appendRejection(appendLine())).toBeUndefined()
    expect(appendRejection(appendLine({ userId: '', sentAtMs: undefined }))).toBeUndefined()
    expect(appendRejection(appendLine({ raw: 'x'.repeat(RAW_BYTES_MAX) }))).toBeUndefined()
  })

  it.each([
    [{ channelId: '' }, /channel id/],
    [{ channelId: '1}:state' }, /channel id/],
    [{ userId: '1\r\nFLUSHALL' }, /user id/],
    [{ key: 'A'.repeat(32) }, /record key/],
    [{ key: 'a'.repeat(31) }, /record key/],
    [{ type: 'privmsg' }, /type/],
    [{ type: '' }, /type/],
    [{ raw: '' }, /empty/],
    [{ raw: 'x'.repeat(RAW_BYTES_MAX + 1) }, /65536 bytes/],
    [{ raw: '€'.repeat(RAW_BYTES_MAX / 3 + 1) }, /65536 bytes/],
    [{ sentAtMs: -1 }, /sent time/],
    [{ sentAtMs: Number.NaN }, /sent time/],
    [{ sentAtMs: 0.5 }, /sent time/],
  ])('says what is wrong with %j (S1)', (fields, reason) => {
    expect(appendRejection(appendLine(fields))).toMatch(reason)
  })

  it('shows hostile text escaped and short', () => {
    const reason = appendRejection(appendLine({ channelId: `\n${'x'.repeat(1e6)}` }))
    expect(reason?.length).toBeLessThan(100)
    expect(reason).not.toContain('\n')
  })
})
