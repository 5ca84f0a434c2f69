export { readJobConfig } from './config.ts'
export type { JobConfig } from './config.ts'
export { rebuildNow, verifyNow } from './rebuild/rebuild-now.ts'
export type { RebuildProgress, RebuildResult } from './rebuild/rebuild.ts'
export type { Finding, VerifyProgress, VerifyResult } from './rebuild/verify.ts'
export { sealNow } from './seal/seal-now.ts'
export type { SealNowOptions, SealProgress } from './seal/seal-now.ts'
export { importRecords, openImporter } from './import/store-records.ts'
export type {
  ImportOptions,
  ImportProgress,
  Importer,
  ImporterOptions,
} from './import/store-records.ts'
export { compactNow } from './compact/compact-now.ts'
export type { CompactNowOptions, CompactProgress } from './compact/compact-now.ts'
