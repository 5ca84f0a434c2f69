import process from 'node:process'
import { CHECKS, report, runSteps } from './steps.ts'

process.exitCode = report(await runSteps(CHECKS))
