import process from 'node:process'
import { ensureProgram } from './install.ts'
import { report, runSteps, TESTS } from './steps.ts'

ensureProgram('redis-server')
for (const program of ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin'] as const) {
  ensureProgram(program)
}
process.exitCode = report(await runSteps(TESTS))
