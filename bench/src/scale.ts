import { writeFile } from 'node:fs/promises'
import type { Bench } from './bench.ts'
import { rowsOf } from './scale/rows.ts'
import { runSweep } from './scale/run-sweep.ts'
import { sweepTable } from './scale/sweep-table.ts'
import { SWEEPS } from './scale/sweeps.ts'
import type { Curve } from './scale/curve.ts'

export const bench: Bench = {
  description:
    'what a line costs each process as rate, channels, replicas and Redis nodes grow, from the socket to the segment',
  run: async ({ plot }) => {
    const startMs = performance.now()
    const tell = (text: string): void => {
      console.log(`  ${((performance.now() - startMs) / 1000).toFixed(0)} s: ${text}`)
    }
    const curves: Curve[] = []
    for (const sweep of SWEEPS) {
      console.log(`\n${sweep.of}: ${sweep.at}`)
      const curve = await runSweep(sweep, tell)
      console.log(`\n${sweepTable(curve)}`)
      curves.push(curve)
    }
    if (plot !== undefined) {
      const { drawCurves } = await import('./scale/plot.ts')
      await writeFile(plot, await drawCurves(curves))
      console.log(`\nthe curves are drawn in ${plot}`)
    }
    return rowsOf(curves)
  },
}
