import { archiveOf } from './archive/build.ts'
import type { Measured } from './archive/schemas.ts'
import { atLeast, atMost } from './bench.ts'
import type { Bench, Row } from './bench.ts'

/** Of the size of the same lines under zstd -9, hour by hour. */
const ONE_ORDER_SHARE = 0.85
/** Of the size of justlog's files. */
const BOTH_ORDERS_SHARE = 0.65
const SEAL_RECORDS_PER_SECOND = 100_000
const MEMORY_MIB = 512

export const bench: Bench = {
  description:
    'a month of chat sealed, compacted and folded, against gzip as justlog has it and zstd -9',
  run: async (options) => {
    const { measured } = await archiveOf(options)
    const { records, facts } = measured
    console.log(`(${records} records, ${(facts.rawBytes / facts.lines).toFixed(0)} B a line)`)
    return [...sizeRows(measured), ...workRows(measured)]
  },
}

function sizeRows({ bytes, records, facts, justlogBytes, zstdBytes }: Measured): Row[] {
  const both = bytes.byChannel + bytes.byUser
  const each = (name: string, size: number): Row => ({
    name,
    value: size / records,
    unit: 'B/record',
  })
  return [
    each('raw lines', facts.rawBytes),
    each('raw lines, zstd -9', zstdBytes),
    each("justlog's files (each line twice, gzip)", justlogBytes),
    each('poglog by channel', bytes.byChannel),
    each('poglog by user', bytes.byUser),
    each('poglog words', bytes.words),
    each('poglog both orders', both),
    each('poglog both orders and words', both + bytes.words),
    atMost(ONE_ORDER_SHARE, {
      name: 'by channel, of zstd -9',
      value: bytes.byChannel / zstdBytes,
      unit: 'x',
    }),
    atMost(ONE_ORDER_SHARE, {
      name: 'by user, of zstd -9',
      value: bytes.byUser / zstdBytes,
      unit: 'x',
    }),
    atMost(BOTH_ORDERS_SHARE, {
      name: "both orders, of justlog's files",
      value: both / justlogBytes,
      unit: 'x',
    }),
  ]
}

function workRows(measured: Measured): Row[] {
  const { records, userRecords, sealCpuMs, peakMib } = measured
  const { compactMs, compactCpuMs, foldMs, foldCpuMs } = measured
  return [
    atLeast(
      SEAL_RECORDS_PER_SECOND,
      rate('seal (encode and verify), a processor second', records, sealCpuMs),
    ),
    rate('compact (days in three orders), a second', records, compactMs),
    rate('compact, a processor second', records, compactCpuMs),
    rate('fold (by user, and words), a second', userRecords, foldMs),
    rate('fold, a processor second', userRecords, foldCpuMs),
    atMost(MEMORY_MIB, { name: 'compact and fold: peak memory', value: peakMib, unit: 'MiB' }),
  ]
}

function rate(name: string, count: number, ms: number): Row {
  return { name, value: (count / ms) * 1000, unit: 'records/s' }
}
