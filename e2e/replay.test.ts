import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { chatLines, rawLogs, wrongIn, wrongInAll } from './chat.ts'
import { eventually, runPoglog, startPoglog, temporaryFolder } from './poglog.ts'

const LINES = 6000
const ASKED_WHILE_SEALING = 100

describe('a replayed file', () => {
  it('comes back byte for byte, once and in order, before, during and after a seal and a restart (I2, Q1, Q2, Q3)', async () => {
    await using folder = await temporaryFolder()
    const chat = chatLines({ seed: 7, lines: LINES, channels: 3 })
    const file = join(folder.path, 'chat.irc.txt')
    await writeFile(file, `${[...chat.lines, ...chat.lines.slice(0, 50)].join('\n')}\n`)
    const data = join(folder.path, 'data')
    const args = ['--replay', file, '--rate', 'max']

    const first = await startPoglog({ data, args })
    await eventually(async () => (await wrongInAll(first.api, chat)).length === 0, 60_000)

    const sealing = runPoglog(['seal', '--data', data])
    for (let asked = 0; asked < ASKED_WHILE_SEALING; asked += 1) {
      const channel = chat.channels[asked % chat.channels.length] ?? ''
      expect(wrongIn(await rawLogs(first.api, channel), chat, channel)).toEqual([])
    }
    const sealed = await sealing
    expect(sealed).toMatchObject({ code: 0 })
    expect(await wrongInAll(first.api, chat)).toEqual([])
    expect(await first.stop()).toBeLessThan(10_000)

    const second = await startPoglog({ data })
    expect(await wrongInAll(second.api, chat)).toEqual([])
    await second.stop()

    // Replayed once more after it was sealed: nothing is stored or shown a second time.
    const third = await startPoglog({ data, args })
    await eventually(async () => third.output().includes('all lines sent'), 60_000)
    expect(await runPoglog(['seal', '--data', data])).toMatchObject({ code: 0 })
    expect(await wrongInAll(third.api, chat)).toEqual([])
    await third.stop()
  })
})
