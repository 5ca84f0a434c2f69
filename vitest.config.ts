import { defineConfig } from 'vitest/config'

const unit = ['{libs,services}/*/src/**/*.test.ts', '{infra,bench}/src/**/*.test.ts']
const integration = ['{libs,services}/*/test/**/*.test.ts', 'infra/test/**/*.test.ts']

/** Three kinds of test, told apart by where they lie. A kind that finds no test fails. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: unit, testTimeout: 10_000 } },
      {
        test: {
          name: 'integration',
          include: integration,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
    maxWorkers: 2,
  },
})
