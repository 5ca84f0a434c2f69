import process from 'node:process'
import { ensureProgram } from './install.ts'
import { ensureKustomize } from './install-kustomize.ts'

ensureProgram('redis-server')
for (const program of ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'promtool'] as const) {
  ensureProgram(program)
}
// Another Chromium may be named; see e2e/page/browser.ts.
if (process.env['CHROMIUM'] === undefined) ensureProgram('chromium-headless-shell')
ensureKustomize()
