import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SettingsError } from '@poglog/service-kit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockSpool } from '../src/spool-lock.ts'
import { until } from './world.ts'

const MODULE = new URL('../src/spool-lock.ts', import.meta.url).pathname

/** Another process that locks a folder, says so, and keeps it. */
const CHILD = `
const { lockSpool } = await import(process.argv[1])
const events = { spoolLockLost: () => console.log('lost'), spoolLockWatched: () => console.log('watched') }
try {
  const lock = await lockSpool(process.argv[2], { events, touchIntervalMs: 50 })
  process.on('SIGTERM', async () => { await lock[Symbol.asyncDispose](); process.exit(0) })
  console.log('locked')
} catch (error) { console.log(error.message); process.exit(78) }
`

class Holder {
  readonly child: ChildProcess
  text = ''

  constructor(dir: string) {
    const args = ['--input-type=module', '-e', CHILD, MODULE, dir]
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.child.stdout?.on('data', (data) => {
      this.text += String(data)
    })
  }

  async says(text: string): Promise<void> {
    await until(`a process says ${text}`, () => this.text.includes(text))
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const exited = once(this.child, 'exit')
    this.child.kill(signal)
    await exited
  }
}

describe('the lock of a spool folder', () => {
  let dir: string
  let holders: Holder[]
  let told: string[]

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'poglog-lock-'))
    holders = []
    told = []
  })
  afterEach(async () => {
    for (const holder of holders) await holder.end('SIGKILL')
    await rm(dir, { recursive: true })
  })

  const start = (): Holder => {
    const holder = new Holder(dir)
    holders.push(holder)
    return holder
  }
  const lock = (observeMs = 300): Promise<AsyncDisposable> =>
    lockSpool(dir, {
      observeMs,
      touchIntervalMs: 20,
      events: {
        spoolLockLost: () => told.push('lost'),
        spoolLockWatched: () => told.push('watched'),
      },
    })
  const path = (): string => join(dir, 'ingest.lock')
  const rewrite = async (changes: Record<string, unknown>): Promise<void> => {
    const holder: unknown = JSON.parse(await readFile(path(), 'utf8'))
    await writeFile(path(), JSON.stringify({ ...Object(holder), ...changes }))
  }

  it('lets one process in, and says what to do about the other', async () => {
    const holder = start()
    await holder.says('locked')
    await expect(lock()).rejects.toThrow(SettingsError)
    await expect(lock()).rejects.toThrow(
      `SPOOL_DIR: ${dir} is used by another ingest process (process ${holder.child.pid} on`,
    )
    expect(told).toEqual([])
  })

  it('holds against a process that is frozen', async () => {
    const holder = start()
    await holder.says('locked')
    holder.child.kill('SIGSTOP')
    await expect(lock()).rejects.toThrow('is used by another')
  })

  it('takes the lock of a killed process over at once', async () => {
    const holder = start()
    await holder.says('locked')
    await holder.end('SIGKILL')
    const startMs = performance.now()
    await using _ = await lock(5000)
    expect(performance.now() - startMs).toBeLessThan(1000)
    expect(told).toEqual([])
  })

  it('is not deceived by a process that got the same id later, as 1 in every container', async () => {
    await using _ = await lock()
    await rewrite({ startTicks: '1' })
    await using _again = await lock(5000)
    expect((await readdir(dir)).length).toBe(1)
  })

  it('watches a holder in another container, and leaves it the folder while it is alive', async () => {
    const holder = start()
    await holder.says('locked')
    await holder.end('SIGKILL')
    await rewrite({ pidNamespace: 'pid:[1]' })
    const touching = setInterval(() => void utimes(path(), new Date(), new Date()), 50)
    await expect(lock()).rejects.toThrow('is used by another')
    clearInterval(touching)
    await using _ = await lock()
    expect(told).toEqual(['watched', 'watched'])
  })

  it('takes over what an earlier boot, or nobody who can be told, left', async () => {
    const holder = start()
    await holder.says('locked')
    await holder.end('SIGKILL')
    await rewrite({ bootId: 'earlier' })
    await (await lock())[Symbol.asyncDispose]()
    await writeFile(path(), 'no holder')
    await using _ = await lock()
    expect(told).toEqual(['watched', 'watched'])
  })

  it('is taken over although a process was killed while it took it over', async () => {
    const killed = start()
    await killed.says('locked')
    await killed.end('SIGKILL')
    await writeFile(`${path()}.removing`, '')
    await using _ = await lock()
    expect(await readdir(dir)).toEqual(['ingest.lock'])
  })

  it('lets one of many in that find a stale lock together', async () => {
    const killed = start()
    await killed.says('locked')
    await killed.end('SIGKILL')
    const many = Array.from({ length: 6 }, start)
    await Promise.all(many.map((holder) => until('it has tried', () => holder.text !== '')))
    expect(many.filter(({ text }) => text.includes('locked')).length).toBe(1)
    expect((await readdir(dir)).length).toBe(1)
  })

  it('tells a process whose lock another one has taken over', async () => {
    const before = await lock()
    await rm(path())
    await using _ = await lock()
    await until('it is told', () => told.includes('lost'))
    await before[Symbol.asyncDispose]()
    expect((await readdir(dir)).length).toBe(1)
  })

  it('leaves nothing behind', async () => {
    const holder = start()
    await holder.says('locked')
    await holder.end('SIGTERM')
    expect(await readdir(dir)).toEqual([])
  })
})
