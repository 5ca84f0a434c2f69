import { defineConfig } from 'vitest/config'

const unit = [
  '{libs,services}/*/src/**/*.test.ts',
  '{infra,bench}/src/**/*.test.ts',
  'services/query-api/web/src/**/*.test.ts',
]
const integration = ['{libs,services}/*/test/**/*.test.ts', 'infra/test/**/*.test.ts']

/**
 * Real servers and clocks on a busy machine: such a test may have a second try. `npm test` names every
 * test that needed it.
 */
const RETRIES = 1

/** Three kinds of test, told apart by where they lie. A kind that finds no test fails. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: unit, testTimeout: 30_000 } },
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
          retry: RETRIES,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
          // What a page shows comes when its answers do.
          expect: { poll: { timeout: 20_000 } },
        },
      },
    ],
    maxWorkers: 2,
  },
})
