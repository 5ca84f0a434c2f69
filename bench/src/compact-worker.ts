import { compactNow, readJobConfig } from '@poglog/archiver'
import { z } from 'zod'
import { childInput } from './archive/child.ts'

const KIB = 1024

/** Compacts and folds all there is by the archiver's own code, alone in this process; prints time and memory as JSON. */
const { env } = z.object({ env: z.record(z.string(), z.string()) }).parse(childInput())

const startMs = performance.now()
let compacted = spent()
await compactNow({
  settings: readJobConfig(env),
  onProgress: ({ days, folds, records }) => {
    if (folds === 0) compacted = spent()
    process.stderr.write(`\r(${days} days, ${folds} folds, ${records} records) `)
  },
})
const whole = spent()
console.log(
  JSON.stringify({
    compactMs: compacted.wallMs,
    compactCpuMs: compacted.cpuMs,
    foldMs: whole.wallMs - compacted.wallMs,
    foldCpuMs: whole.cpuMs - compacted.cpuMs,
    peakMib: process.resourceUsage().maxRSS / KIB,
  }),
)

/** By the clock, and processor time of all threads, which other work on the machine does not lengthen as much. */
function spent(): { wallMs: number; cpuMs: number } {
  const { user, system } = process.cpuUsage()
  return { wallMs: performance.now() - startMs, cpuMs: (user + system) / 1000 }
}
