import process from 'node:process'
import { CHECKS, report, runSteps, UNIT_TESTS } from './steps.ts'

process.exitCode = report([...(await runSteps(CHECKS)), ...(await runSteps(UNIT_TESTS))])
