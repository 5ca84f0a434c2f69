export { logRejection, recordFromLine } from './record-from-line.ts'
export type { LineRejection } from './record-from-line.ts'
export { recordFromStored } from './stored-record.ts'
export type { StoredLine } from './stored-record.ts'
export { recordKey } from './record-key.ts'
export { gapLine, parseLedger, presenceLine } from './ledger.ts'
export type {
  GapCause,
  GapEntry,
  LedgerChannel,
  LedgerEntry,
  LossCause,
  PartCause,
  PresenceEntry,
  ReplicaRun,
} from './ledger.ts'
export { DEFAULT_TYPES, RECORD_TYPES, recordTypeOf } from './record-types.ts'
export { comparePositions, compareRecords, compareUserRecords } from './order.ts'
export { encodeSegment } from './encode-segment.ts'
export type { EncodeOptions, EncodedSegment } from './segment-writer.ts'
export { readSegment } from './read-segment.ts'
export type { ReadOptions } from './read-segment.ts'
export { segmentParts } from './segment-parts.ts'
export type { PartOptions, PartQuery, PartRows, SegmentPart } from './segment-parts.ts'
export { readSegmentIdentity } from './open-segment.ts'
export type { OpenOptions } from './open-segment.ts'
export { createFooterCache } from './footer-cache.ts'
export type { FooterCache } from './footer-cache.ts'
export { verifySegment } from './verify-segment.ts'
export { verifyStored } from './verify-stored.ts'
export { knownKeys } from './known-keys.ts'
export { DigestSum } from './digest.ts'
export { encodeShape } from './shape.ts'
export type { EncodedLine } from './shape.ts'
export { rebuildLine } from './rebuild-line.ts'
export type { LineColumns, LineFields } from './line-columns.ts'
export { mergeSorted } from './merge-sorted.ts'
export type { MergeOptions } from './merge-sorted.ts'
export { createSorter } from './sorter.ts'
export type { Sorter, SorterOptions } from './sorter.ts'
export { addCounts, compareWordCounts, foldWord, isCounted, wordsOf } from './words.ts'
export { WordCounter } from './word-counter.ts'
export { encodeWords } from './encode-words.ts'
export { readWords } from './read-words.ts'
export type { WordQuery } from './read-words.ts'
export { sumWord, sumWords } from './sum-words.ts'
export type { WordSum, WordTotals } from './sum-words.ts'
export { plainRecord, recordTag, spokenText } from './record-text.ts'
export type { SpokenText } from './record-text.ts'
export { mergeRecords } from './merge-records.ts'
export type { MergeCount } from './merge-records.ts'
export { parseSegmentKey, segmentKey } from './segment-key.ts'
export type { SegmentKeyParts } from './segment-key.ts'
export { SegmentError } from './segment-error.ts'
export type { SegmentErrorKind } from './segment-error.ts'
export type {
  Level,
  LineContext,
  LogRecord,
  Order,
  Position,
  Projection,
  RecordType,
  SegmentIdentity,
  SegmentQuery,
  SegmentSource,
  SegmentSummary,
  WordCount,
} from './types.ts'
