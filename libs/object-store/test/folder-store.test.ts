import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll } from 'vitest'
import { openObjectStore } from '../src/index.ts'
import { objectStoreConformance } from '../src/testing.ts'

let dir = ''
let stores = 0
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'poglog-folder-'))
})
afterAll(async () => {
  await rm(dir, { recursive: true })
})

objectStoreConformance('a folder', async () => {
  stores += 1
  return await openObjectStore({ url: pathToFileURL(join(dir, `store-${stores}`)).href })
})
