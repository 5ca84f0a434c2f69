export { logRejection, recordFromLine } from './record-from-line.ts'
export type { LineRejection } from './record-from-line.ts'
export { recordKey } from './record-key.ts'
export { DEFAULT_TYPES, RECORD_TYPES, recordTypeOf } from './record-types.ts'
export { comparePositions, compareRecords } from './order.ts'
export { mergeRecords } from './merge-records.ts'
export type { MergeCount } from './merge-records.ts'
export { parseSegmentKey, segmentKey } from './segment-key.ts'
export type { SegmentKeyParts } from './segment-key.ts'
export { SegmentError } from './segment-error.ts'
export type { SegmentErrorKind } from './segment-error.ts'
export type {
  LineContext,
  LogRecord,
  Order,
  Position,
  RecordType,
  SegmentIdentity,
  SegmentQuery,
  SegmentSource,
  SegmentSummary,
} from './types.ts'
