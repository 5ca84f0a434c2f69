import { parseSegmentKey } from '@poglog/log-format'
import { decodeTime } from 'ulid'

/** When a segment was written, by the time in its name: that of its reservation; the commit follows. 0 when it has none. */
export function writtenAtMs(key: string): number {
  const parts = parseSegmentKey(key)
  return parts === undefined ? 0 : decodeTime(parts.ulid)
}
