import { compactNow, readJobConfig, type CompactProgress } from '@poglog/archiver'
import { Problem } from './problem.ts'
import { ProgressLine } from './progress-line.ts'
import { whereItRuns } from './where-it-runs.ts'

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/

export interface CompactOptions {
  readonly data: string
  /** Months to be folded as if closed, as YYYY-MM. */
  readonly closeMonth?: readonly string[] | undefined
}

/**
 * `poglog compact`: merges the segments of all days that have ended, folds months, and prints what was written.
 *
 * @throws {Problem} when no poglog runs on the folder and no REDIS_URL says where Redis is, or a month is none.
 */
export async function compact(options: CompactOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const closed = new Set((options.closeMonth ?? []).map(monthMsOf))
  const settings = readJobConfig({ ...(await whereItRuns(options.data, env)), ...env })
  const line = new ProgressLine()
  const startedMs = performance.now()
  const done = await compactNow({
    settings,
    closed,
    onProgress: (progress) => line.show(() => describe(progress)),
    onWarning: (message) => line.note(`poglog: ${message}`),
  }).finally(() => line.clear())
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  console.log(`${describe(done)} in ${seconds} s`)
}

function monthMsOf(text: string): number {
  const [, year, month] = MONTH.exec(text) ?? []
  if (year === undefined) throw new Problem(`--close-month: not a month such as 2026-11: ${text}`)
  return Date.UTC(Number(year), Number(month) - 1)
}

function describe({ days, folds, records, sizeBytes }: CompactProgress): string {
  const kilobytes = Math.ceil(sizeBytes / 1000).toLocaleString('en')
  return (
    `compacted ${days} days of shards (${records.toLocaleString('en')} records), ` +
    `folded ${folds} months, wrote ${kilobytes} kB`
  )
}
