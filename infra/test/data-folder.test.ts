import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataFolder, describe as describeError } from '../src/data-folder.ts'
import { Problem } from '../src/problem.ts'

const WHERE = { api: 'http://127.0.0.1:1', redisUrl: 'unix:///r', objectStore: 'file:///o', s3: {} }

let path: string
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'poglog-folder-'))
})
afterEach(() => rm(path, { recursive: true, force: true }))

describe('DataFolder', () => {
  it('remembers what it logged', async () => {
    const folder = new DataFolder(path)
    expect(await folder.lastMode()).toBeUndefined()
    await folder.claim(WHERE)
    await folder.rememberMode('twitch')
    await folder.removeRun()
    await folder.claim(WHERE)
    expect(await folder.lastMode()).toBe('twitch')
  })

  it('is not taken for its own by the pid of the run before', async () => {
    const folder = new DataFolder(path)
    await folder.claim(WHERE)
    const run = await folder.claim(WHERE)
    expect(run.pid).toBe(process.pid)
  })

  it('refuses a folder of a newer version and leaves it as it is', async () => {
    const marker = JSON.stringify({ version: 99, mode: 'demo' })
    await writeFile(join(path, 'poglog.json'), marker)
    await expect(new DataFolder(path).claim(WHERE)).rejects.toThrow('newer poglog')
    expect(await readFile(join(path, 'poglog.json'), 'utf8')).toBe(marker)
  })

  it('refuses a damaged marker, an unusable path, and says what to do', async () => {
    await writeFile(join(path, 'poglog.json'), '{')
    await expect(new DataFolder(path).claim(WHERE)).rejects.toThrow('is damaged: restore it')
    await writeFile(join(path, 'file'), '')
    await expect(new DataFolder(join(path, 'file')).claim(WHERE)).rejects.toThrow('is a file')
    await expect(new DataFolder(join(path, 'file', 'in')).claim(WHERE)).rejects.toThrow(Problem)
  })

  it('says that the disk is full', () => {
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' })
    expect(String(describeError(full, '/data'))).toContain(
      'cannot write to /data: the disk is full: free some space',
    )
  })

  it('is not opened twice, and stops what a killed launcher left running', async () => {
    const folder = new DataFolder(path)
    await folder.claim(WHERE)
    const launcher = sleeper('cli.ts')
    const child = sleeper('main.ts')
    const run = { ...WHERE, pid: launcher.pid ?? 0, children: { ingest: child.pid ?? 0 } }
    await folder.writeRun(run)
    await expect(folder.claim(WHERE)).rejects.toThrow(
      `already runs on ${path} (pid ${launcher.pid}`,
    )
    expect(await folder.running()).toEqual(run)

    const launcherEnded = once(launcher, 'exit')
    launcher.kill('SIGKILL')
    await launcherEnded
    const childEnded = once(child, 'exit')
    expect(await folder.running()).toBeUndefined()
    await folder.claim(WHERE)
    expect(await childEnded).toEqual([null, 'SIGTERM'])
  })
})

/** A process whose command line looks like one of poglog's. */
function sleeper(name: string): ReturnType<typeof spawn> {
  return spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)', `/src/${name}`])
}
