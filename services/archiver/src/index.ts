export { readJobConfig } from './config.ts'
export type { JobConfig } from './config.ts'
export { sealNow } from './seal-now.ts'
export type { SealNowOptions, SealProgress } from './seal-now.ts'
