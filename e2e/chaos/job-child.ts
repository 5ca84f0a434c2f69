import type { CompactProgress } from '@poglog/archiver'
import { compactNow, readJobConfig, sealNow } from '@poglog/archiver'

const [asked] = process.argv.slice(2)
const now = new Date()
const month = Date.UTC(now.getUTCFullYear(), now.getUTCMonth())
const settings = readJobConfig(process.env)

// A process of its own, so that it can be killed between any two of its steps.
if (asked === 'seal') {
  const { records, segments } = await sealNow({ settings })
  process.stdout.write(`sealed ${records} records into ${segments} segments\n`)
} else {
  const closed = new Set(asked === 'fold' ? [month] : [])
  await compactNow({ settings, isUnendedToo: true, closed, onProgress: tell })
}

function tell({ days, folds, records }: CompactProgress): void {
  const at = new Date().toISOString()
  process.stdout.write(`${at} ${days} days compacted, ${folds} months folded, ${records} records\n`)
}
