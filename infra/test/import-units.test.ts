import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { LogRecord } from '@poglog/log-format'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileUnit } from '../src/import/file-unit.ts'
import { importUnits } from '../src/import/import-units.ts'
import type { UnitsDeps } from '../src/import/import-units.ts'
import { Journal } from '../src/import/journal.ts'
import { RejectFile } from '../src/import/reject-file.ts'
import type { Unit } from '../src/import/unit.ts'

const SENT_MS = Date.UTC(2024, 2, 1)

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'poglog-import-units-test-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

function message(number: number, text = `hello ${number * 7919}`): string {
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  return `@id=${id};room-id=30;tmi-sent-ts=${SENT_MS + number};user-id=5 :a!a@a PRIVMSG #big :${text}`
}

async function file(name: string, bytes: string | Uint8Array): Promise<Unit> {
  await writeFile(join(dir, name), bytes)
  return await fileUnit(join(dir, name))
}

let runs = 0
/** Imports with a log that takes everything. */
async function imported(units: readonly Unit[]) {
  const records: LogRecord[] = []
  const failures: string[] = []
  const journal = await Journal.open(join(dir, 'journal'), 'log')
  await using rejects = new RejectFile(join(dir, `rejected-${(runs += 1)}`))
  const deps: UnitsDeps = {
    importer: {
      workDir: dir,
      names: {
        idsOf: () => Promise.resolve(new Map()),
      },
      async store(batches) {
        for await (const batch of batches) records.push(...batch)
        const none = { equal: 0, known: 0, erased: 0, optedOut: 0, appended: 0, days: 0 }
        return { read: records.length, stored: records.length, ...none }
      },
    },
    journal,
    rejects,
    signal: new AbortController().signal,
    onProgress: () => {},
    onFailure: (_, error) => failures.push(error.message),
  }
  const { tally, unitsKnown } = await importUnits(units, deps)
  const raws = records.map(({ raw }) => raw)
  return { raws, tally, unitsKnown, failures, rejected: Object.fromEntries(tally.rejected) }
}

describe('RejectFile', () => {
  it('writes over no file that is there', async () => {
    const path = join(dir, 'mine.txt')
    await writeFile(path, 'mine')
    const rejects = new RejectFile(path)
    rejects.add('a', { number: 1, text: 'b', problem: undefined }, 'malformed')
    await expect(rejects.checkFree()).rejects.toThrow('mine.txt is there already')
    await expect(rejects.flush()).rejects.toThrow('mine.txt is there already')
    expect(await readFile(path, 'utf8')).toBe('mine')
    await new RejectFile('/dev/null').checkFree()
    await new RejectFile(join(dir, 'new')).checkFree()
  })
})

describe('importUnits', () => {
  it('takes the last line of a file that does not end it', async () => {
    const unit = await file('whole.txt', `${message(1)}\n${message(2)}`)
    expect((await imported([unit])).raws).toEqual([message(1), message(2)])
    expect((await imported([unit])).unitsKnown).toBe(1)
  })

  it('takes no half line of a file that is being written, and reads it again', async () => {
    const unit = await file('growing.txt', `${message(1)}\n`)
    await appendFile(join(dir, 'growing.txt'), message(2).slice(0, -4))
    const first = await imported([unit])
    expect(first).toMatchObject({ raws: [message(1)], rejected: { 'cut-off': 1 } })
    expect(await imported([unit])).toMatchObject({ raws: [message(1)], unitsKnown: 0 })
  })

  it('hands out the lines that wait when a file turns out to be cut off', async () => {
    const clear = `@login=bob;room-id=30;target-msg-id=1;tmi-sent-ts=${SENT_MS} :tmi.twitch.tv CLEARMSG #big :x`
    const lines = [clear, ...Array.from({ length: 2000 }, (_, index) => message(index))]
    const bytes = gzipSync(lines.join('\n'))
    const unit = await file('cut.gz', bytes.subarray(0, bytes.length - 200))
    const { raws, tally, rejected, failures } = await imported([unit])
    expect(failures).toEqual(['unexpected end of file'])
    expect(raws).toContain(clear)
    expect(rejected).toEqual({ 'cut-off': 1 })
    expect(raws.length).toBe(tally.lines - 1)
  })

  it('notes no file as done of which it could take nothing', async () => {
    const unit = await file('error.json', '{"message":"maintenance"}\n')
    expect(await imported([unit])).toMatchObject({ rejected: { malformed: 1 } })
    expect((await imported([unit])).unitsKnown).toBe(0)
    const journal = await readFile(join(dir, 'journal'), 'utf8').catch(() => '')
    expect(journal).toBe('')
  })
})
