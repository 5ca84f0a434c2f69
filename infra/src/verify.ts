import { readJobConfig, verifyNow, type VerifyProgress, type VerifyResult } from '@poglog/archiver'
import { Problem } from './problem.ts'
import { ProgressLine } from './progress-line.ts'
import { whereItRuns } from './where-it-runs.ts'

const MB = 1_000_000

/**
 * `poglog verify`: reads the whole archive, compares counts and digests, and names what is wrong.
 *
 * @throws {Problem} when something is wrong; what, was printed.
 */
export async function verify(options: { data: string }, env: NodeJS.ProcessEnv): Promise<void> {
  const settings = readJobConfig({ ...(await whereItRuns(options.data, env)), ...env })
  const line = new ProgressLine()
  const startedMs = performance.now()
  const result = await verifyNow({
    settings,
    onProgress: (progress) => {
      line.show(() => describe(progress))
    },
  })
  line.clear()
  for (const { key, problem } of result.findings) console.log(`WRONG ${key}: ${problem}`)
  for (const key of result.replaced) console.log(`replaced meanwhile, not compared: ${key}`)
  console.log(summed(result, (performance.now() - startedMs) / 1000))
  if (result.findings.length > 0) throw new Problem(`${result.findings.length} things are wrong`)
}

function describe({ step, doneBytes, totalBytes }: VerifyProgress): string {
  const what = step === 'segments' ? 'reading segments' : 'comparing the orders'
  return `${what}: ${(doneBytes / MB).toFixed(1)} of ${(totalBytes / MB).toFixed(1)} MB`
}

function summed({ segments, records, bytes, ...result }: VerifyResult, seconds: number): string {
  const compared = result.areOrdersCompared
    ? 'orders and counts compared'
    : 'orders and counts NOT compared'
  return (
    `read ${segments} segments with ${records.toLocaleString('en')} records (${(bytes / MB).toFixed(1)} MB) ` +
    `in ${seconds.toFixed(1)} s, ${compared}: ${result.findings.length} things are wrong`
  )
}
