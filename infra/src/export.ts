import { readJobConfig } from '@poglog/archiver'
import type { LogRecord } from '@poglog/log-format'
import { exportQuery } from './export/options.ts'
import type { ExportCommandOptions } from './export/options.ts'
import { openReads } from './export/open-reads.ts'
import { recordsOf } from './export/records-of.ts'
import { writeExport } from './export/write-export.ts'
import { counted, ProgressLine } from './progress-line.ts'
import { stopSignal } from './import/stop-signal.ts'
import { whereItRuns } from './where-it-runs.ts'

/**
 * `poglog export`: writes the records of a channel, of a user or of everybody, hot and cold together, each once and in
 * order, to a file or to standard output. Progress goes to standard error.
 *
 * @throws {Problem} when the options do not go together, or there is nothing to write; a file is there whole or not at all.
 */
export async function exportLogs(
  options: ExportCommandOptions,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const settings = readJobConfig({ ...(await whereItRuns(options.data, env)), ...env })
  using stop = stopSignal()
  const { signal } = stop
  await using reads = await openReads(settings)
  const query = await exportQuery(options, reads)
  const line = new ProgressLine()
  const startedMs = performance.now()
  let written = 0
  const describe = (): string => {
    const seconds = (performance.now() - startedMs) / 1000
    const rate = counted(written / Math.max(seconds, 0.001))
    return `exported ${counted(written)} records, ${rate}/s, in ${seconds.toFixed(1)} s`
  }
  async function* watched(): AsyncGenerator<readonly LogRecord[]> {
    for await (const batch of recordsOf({ ...query, signal }, reads)) {
      signal.throwIfAborted()
      yield batch
      written += batch.length
      line.show(describe)
    }
  }
  const { out } = options
  try {
    const how = { ...query, out, shards: reads.hot.shards, signal }
    if (!(await writeExport(watched(), how))) return
  } finally {
    line.clear()
  }
  line.note(describe())
}
