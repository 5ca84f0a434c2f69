import process from 'node:process'
import { BEFORE_TESTS, PROGRAMS, report, runSteps, TESTS, UNIT_TESTS } from './steps.ts'

const results = [...(await runSteps(BEFORE_TESTS)), ...(await runSteps(UNIT_TESTS))]
const hasPrograms = results.some(({ name, failed }) => name === PROGRAMS.name && failed === 0)
if (hasPrograms) results.push(...(await runSteps(TESTS)))
process.exitCode = report(results)
