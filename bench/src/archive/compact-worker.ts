import { compactNow, readJobConfig } from '@poglog/archiver'
import { z } from 'zod'
import { childInput } from './child.ts'

const KIB = 1024

/** Compacts and folds all there is by the archiver's own code, alone in this process; prints time and memory as JSON. */
const { env } = z.object({ env: z.record(z.string(), z.string()) }).parse(childInput())

const startMs = performance.now()
let compactMs = 0
await compactNow({
  settings: readJobConfig(env),
  onProgress: (progress) => {
    if (progress.folds === 0) compactMs = performance.now() - startMs
    const { days, folds, records } = progress
    process.stderr.write(`\r(${days} days, ${folds} folds, ${records} records) `)
  },
})
const wholeMs = performance.now() - startMs
const peakMib = process.resourceUsage().maxRSS / KIB
console.log(JSON.stringify({ compactMs, foldMs: wholeMs - compactMs, peakMib }))
