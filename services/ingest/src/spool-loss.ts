import { stat } from 'node:fs/promises'
import type { SentRange } from './ledger.ts'

/** The clocks of a disk, of Twitch and of Redis differ by less. */
const MARGIN_MS = 2000

/** Between which times the lines of a spool file were sent, as far as the file system tells; to the present if it does not. */
export async function spoolLossRange(file: string): Promise<SentRange> {
  const nowMs = Date.now()
  try {
    const { birthtimeMs, mtimeMs } = await stat(file)
    const fromMs = Math.floor(birthtimeMs === 0 ? mtimeMs : birthtimeMs) - MARGIN_MS
    return { fromMs, toMs: Math.max(fromMs, Math.ceil(mtimeMs) + MARGIN_MS) }
  } catch {
    return { fromMs: nowMs - MARGIN_MS, toMs: nowMs }
  }
}
