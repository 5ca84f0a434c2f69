import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRadosgw } from '@poglog/object-store/testing'
import { describe, expect, it } from 'vitest'
import { chatLines, wrongInAll } from './chat.ts'
import { eventually, runPoglog, startPoglog, temporaryFolder } from './poglog.ts'

const LINES = 24_000
const LINES_PER_SECOND = 1200

describe('a replay into S3', () => {
  it('is complete and without doubles after SIGKILL of archiver, API, Redis and the S3 server in turn (A1, A2, I1, I2, Q1)', async () => {
    await using folder = await temporaryFolder()
    const s3 = await startRadosgw({ dir: join(folder.path, 's3'), store: 'bluestore' })
    const chat = chatLines({ seed: 11, lines: LINES, channels: 2 })
    const file = join(folder.path, 'chat.irc.txt')
    await writeFile(file, `${chat.lines.join('\n')}\n`)
    const data = join(folder.path, 'data')
    const env = {
      OBJECT_STORE: 's3://poglog-e2e/archive',
      S3_ENDPOINT: s3.endpoint,
      S3_FORCE_PATH_STYLE: 'true',
      S3_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    }
    await s3.createBucket('poglog-e2e')
    const poglog = await startPoglog({
      data,
      args: ['--replay', file, '--rate', String(LINES_PER_SECOND)],
      env,
    })
    const sealing = (): Promise<unknown> => runPoglog(['seal', '--data', data], env)

    const kill = async (part: string): Promise<void> => {
      process.kill(await poglog.pidOf(part), 'SIGKILL')
    }
    for (const part of ['archiver', 'query-api', 'redis']) {
      const seal = sealing()
      await sleep(600)
      await kill(part)
      await sleep(2000)
      await seal
    }
    const seal = sealing()
    await sleep(200)
    await s3.kill()
    await sleep(2000)
    await s3.resume()
    await seal

    await eventually(async () => poglog.output().includes('all lines sent'), 90_000)
    const wrong = (): Promise<string[]> =>
      wrongInAll(poglog.api, chat).catch((error: unknown) => [String(error)])
    await eventually(async () => (await wrong()).length === 0, 60_000)
    await eventually(
      async () => (await runPoglog(['seal', '--data', data], env)).code === 0,
      60_000,
    )
    expect(await wrong()).toEqual([])
    await poglog.stop()
    await s3.stop()
  })
})
