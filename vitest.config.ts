import { relative } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

const unit = [
  '{libs,services}/*/src/**/*.test.ts',
  '{infra,bench}/src/**/*.test.ts',
  'services/query-api/web/src/**/*.test.ts',
]
const integration = ['{libs,services}/*/test/**/*.test.ts', 'infra/test/**/*.test.ts']
const page = ['e2e/page/**/*.test.ts']

/**
 * Real servers and clocks on a busy machine: such a test may have a second try. `npm test` names every
 * test that needed it.
 */
const RETRIES = 1

/** Half a minute or more each. One of them that began last would run on alone. */
const LONG = [
  'e2e/chaos.test.ts',
  'libs/object-store/test/s3.test.ts',
  'services/archiver/test/compact-faults.test.ts',
  'services/archiver/test/faults.test.ts',
  'infra/test/import-memory.test.ts',
  'services/archiver/test/erase.test.ts',
  'libs/irc-parser/test/fuzz.test.ts',
]

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- It is not the array's.
    const sorted = await super.sort(files)
    return sorted.toSorted((left, right) => placeOf(left) - placeOf(right))
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONG.indexOf(relative(import.meta.dirname, moduleId))
  return place === -1 ? LONG.length : place
}

/** Kinds of test, told apart by where they lie. A kind that finds no test fails. */
export default defineConfig({
  test: {
    projects: [
      // In one process one after the other: each file of its own took 35 % more processor time, for its imports.
      { test: { name: 'unit', include: unit, isolate: false, testTimeout: 60_000 } },
      {
        test: {
          name: 'integration',
          include: integration,
          retry: RETRIES,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          exclude: page,
          retry: RETRIES,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'page',
          include: page,
          globalSetup: 'e2e/page/start-page-world.ts',
          retry: RETRIES,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          // What a page shows comes when its answers do.
          expect: { poll: { timeout: 20_000 } },
        },
      },
    ],
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
  },
})
