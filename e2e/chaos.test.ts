import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runChaos } from './chaos/run.ts'

/** Draws kills of every part and each network fault within the time there is. */
const SEED = 20_261_121
const MINUTES = 1.5
/** Start, the run, its end with all questions, on a machine that does other things, too. */
const TIMEOUT_MS = 600_000

// No second try: a violation that a retry hides is the one that is looked for.
it(
  'loses, doubles and reorders nothing while all parts are killed, frozen and cut off (A1, A2, I1, I2, Q1, Q2, Q3)',
  { timeout: TIMEOUT_MS, retry: 0 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'poglog-chaos-'))
    const result = await runChaos({
      folder,
      seed: SEED,
      minutes: MINUTES,
      replication: 2,
      isCluster: false,
      channels: 12,
      messagesPerSecond: 60,
      oldRoot: undefined,
      onProgress: () => undefined,
      onPhase: () => undefined,
    })
    expect(result.violations, `look into ${folder}/history.jsonl`).toEqual(new Map())
    expect(result.lost).toBe(0)
    expect(result.expected).toBeGreaterThan(1000)
    expect(result.routes.get('at the end: channels')?.checked).toBeGreaterThan(0)
    expect(result.routes.get('at the end: users')?.checked).toBeGreaterThan(0)
    expect(result.live.connections).toBeGreaterThan(10)
    expect(result.live.messages).toBeGreaterThan(500)
    // What is rare must not have become never.
    expect([...result.messages.keys()]).toEqual(
      expect.arrayContaining([
        'ingest: spool drained, lines go to redis',
        'archiver: segment committed',
        'archiver: trimmed',
        'job: fold done',
      ]),
    )
    await rm(folder, { recursive: true })
  },
)
