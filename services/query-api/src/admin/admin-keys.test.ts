import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SettingsError } from '@poglog/service-kit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nameOfKey, openAdminKeys, parseAdminKeys } from './admin-keys.ts'

const ANN = 'the-key-of-ann-2026'
const BOB = 'the-key-of-bob:2026'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'admin-keys-'))
})
afterAll(() => {
  rmSync(dir, { recursive: true })
})

describe('admin keys', () => {
  it('are names and keys, with commas or line ends between', () => {
    const both = [
      { name: 'ann', key: ANN },
      { name: 'bob', key: BOB },
    ]
    expect(parseAdminKeys(`ann:${ANN},bob:${BOB}`)).toEqual(both)
    expect(parseAdminKeys(`# on duty\nann:${ANN}\r\n\n bob:${BOB} \n`)).toEqual(both)
    expect(parseAdminKeys(' \n')).toEqual([])
  })

  it.each([
    'ann',
    'ann:short',
    `:${ANN}`,
    `a b:${ANN}`,
    `ann:${'ü'.repeat(20)}`,
    `ann:${'a b'.repeat(9)}`,
  ])('are never shown when they are wrong: %s', (text) => {
    const parsed = parseAdminKeys(`bob:${BOB},${text}`)
    if (!('problem' in parsed)) throw new Error('it was taken')
    expect(parsed.problem).toMatch(/^key 2 must /)
    expect(parsed.problem).not.toContain(text.slice(text.indexOf(':') + 1))
  })

  it('are a hundred at most', () => {
    const text = Array.from({ length: 101 }, (_, at) => `ann:${ANN}${at}`).join()
    expect(parseAdminKeys(text)).toEqual({ problem: 'must be at most 100 keys' })
  })

  it('are found by the whole key, the last one too', () => {
    const keys = [
      { name: 'ann', key: ANN },
      { name: 'bob', key: BOB },
    ]
    expect([nameOfKey(ANN, keys), nameOfKey(BOB, keys)]).toEqual(['ann', 'bob'])
    for (const wrong of ['', ANN.slice(1), `${ANN} `, 'ann', ANN.toUpperCase()]) {
      expect(nameOfKey(wrong, keys)).toBeUndefined()
    }
    expect(nameOfKey('', [])).toBeUndefined()
  })

  it('of a file are read again when it changes; one that cannot be read changes nothing', () => {
    const file = join(dir, 'keys')
    const told: string[] = []
    let nowMs = 0
    writeFileSync(file, `ann:${ANN}\n`)
    const keys = openAdminKeys(
      { keys: [{ name: 'default', key: 'the-key-of-the-settings' }], file },
      {
        adminKeysChanged: (count) => told.push(`changed ${count}`),
        adminKeysUnreadable: (problem) => told.push(problem),
      },
      () => nowMs,
    )
    const names = () => keys().map(({ name }) => name)
    expect(names()).toEqual(['default', 'ann'])
    writeFileSync(file, `bob:${BOB}\nbob:${BOB}-new\n`)
    expect(names()).toEqual(['default', 'ann'])
    nowMs += 5000
    expect(names()).toEqual(['default', 'bob', 'bob'])
    writeFileSync(file, 'bob:short')
    nowMs += 5000
    expect(names()).toEqual(['default', 'bob', 'bob'])
    rmSync(file)
    nowMs += 5000
    expect(names()).toEqual(['default', 'bob', 'bob'])
    expect(told).toEqual(['changed 2', 'key 1 must have at least 16 characters'])
  })

  it('of a file that cannot be used stop the start', () => {
    const events = { adminKeysChanged: () => undefined, adminKeysUnreadable: () => undefined }
    const empty = join(dir, 'empty')
    writeFileSync(empty, '# none yet\n')
    for (const file of [join(dir, 'absent'), empty]) {
      expect(() => openAdminKeys({ keys: [], file }, events)).toThrow(SettingsError)
    }
  })
})
