import { statfs } from 'node:fs/promises'
import type { Metrics } from './metrics.ts'

/** Measures the disk that a folder lies on whenever it is asked; a folder that is not there yet has none. */
export function diskMetrics({ gauge }: Metrics, { name, dir }: DiskOptions): void {
  const size = gauge({
    name: `${name}_disk_size_bytes`,
    help: `Size of the disk of ${dir.setting}`,
  })
  gauge({
    name: `${name}_disk_free_bytes`,
    help: `Bytes that are free on the disk of ${dir.setting}`,
    async collect(free) {
      const disk = await statfs(dir.path).catch(() => undefined)
      if (disk === undefined) return
      free.set(disk.bavail * disk.bsize)
      size.set(disk.blocks * disk.bsize)
    },
  })
}

export interface DiskOptions {
  /** What the metrics' names begin with. */
  readonly name: string
  readonly dir: { readonly path: string; readonly setting: string }
}
