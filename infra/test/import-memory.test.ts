import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { text } from 'node:stream/consumers'
import { generateLines } from '@poglog/chat-sim'
import { expect, it } from 'vitest'
import { startLogWorld } from './support/log-world.ts'

const LINES = 200_000
/** All lines together, as records in memory, take about 250 MB. */
const HEAP_MB = 144
/** Of young objects. As many as V8 keeps by itself left so little for the rest that it collected most of the time. */
const YOUNG_MB = 4

it('imports a large file in bounded memory', { timeout: 900_000, retry: 0 }, async () => {
  await using world = await startLogWorld()
  const file = world.path('large.txt')
  const out = createWriteStream(file)
  const settings = { seed: 5, channels: 20, startMs: Date.UTC(2024, 2, 1), messagesPerSecond: 3 }
  let part = ''
  for (const line of generateLines({ ...settings, lines: LINES })) {
    part += `${line}\r\n`
    if (part.length < 1_000_000) continue
    if (!out.write(part)) await once(out, 'drain')
    part = ''
  }
  out.end(part)
  await once(out, 'finish')

  const args = ['import', '--data', world.path('data'), file]
  const heap = [`--max-old-space-size=${HEAP_MB}`, `--max-semi-space-size=${YOUNG_MB}`]
  const child = world.start(args, heap)
  const [stdout, stderr, ended] = [text(child.stdout), text(child.stderr), once(child, 'close')]
  await ended
  expect({ code: child.exitCode, stderr: (await stderr).slice(-500) }).toMatchObject({ code: 0 })
  const report = (await stdout).replaceAll(/ +/g, ' ')
  expect(report).toContain(`read ${LINES.toLocaleString('en')} lines of 1 source`)
  const entries = await world.segments()
  const stored = entries
    .filter(({ projection }) => projection === 'by-channel')
    .reduce((sum, { records }) => sum + records, 0)
  expect(report).toContain(`stored ${stored.toLocaleString('en')} records`)
  expect(stored).toBeGreaterThan(LINES * 0.99)
})
