import { capacityOf, type Capacity, type Load } from './capacity/model.ts'
import { loadOf, type CapacityOptions } from './capacity/options.ts'

const GB = 1_000_000_000
const GIB = 1024 ** 3

/** `poglog capacity`: prints what a load takes. @throws {Problem} when an option is wrong. */
export function capacity(options: CapacityOptions): void {
  const load = loadOf(options)
  const result = capacityOf(load)
  console.log(options.json ? JSON.stringify({ load, ...result }) : table(load, result))
}

/** What a person reads: one row for each thing. */
export function table(
  load: Load,
  { redis, ingest, archiver, api, store, dollars }: Capacity,
): string {
  const rows: readonly (readonly [string, string])[] = [
    [
      'Redis: memory at the peak',
      `${gib(redis.dataBytes)}, maxmemory ${gib(redis.maxmemoryBytes)}`,
    ],
    [
      'Redis: records, and for how long',
      `${count(redis.hotRecords)}, ${count(redis.hotSeconds / 60)} minutes`,
    ],
    ['Redis: primaries', `${redis.primaries} (${cores(redis.coresAtPeak)} at the peak)`],
    ['ingest: replicas', `${ingest.replicas} (${cores(ingest.coresAtPeak)} at the peak)`],
    [
      'ingest: addresses or accounts',
      `${ingest.addresses}, to join all channels within ${count(load.joinMinutes)} minutes`,
    ],
    ['ingest: hand-over of a replica', `${count(ingest.handoverSeconds)} s: HANDOVER_MS_MAX`],
    ['ingest: connections to Twitch', count(ingest.connections)],
    [
      'ingest: spool of a replica',
      `${gib(ingest.spoolBytesPerReplica)}, for ${count(load.outageHours)} h without Redis`,
    ],
    [
      'archiver: replicas',
      `${archiver.replicas} (a day takes ${archiver.dayCoreHours.toFixed(1)} core hours to compact and fold)`,
    ],
    ['API: replicas', `${api.replicas} (${cores(api.cores)} for the queries)`],
    ['store: a month', `${count(store.recordsPerMonth)} records, ${gb(store.bytesPerMonth)}`],
    [
      `store: kept after ${count(load.monthsKept)} months`,
      `${gb(store.bytesKept)} in ${count(store.objectsKept)} objects`,
    ],
    [
      'store: requests a month',
      `${count(store.putsPerMonth)} PUT, ${count(store.getsPerMonth)} GET`,
    ],
    ...Object.entries(dollars).map(
      ([name, value]) => [`$ a month: ${name}`, value.toFixed(2)] as const,
    ),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return [
    ...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    'What is measured, read or assumed: docs/capacity.md',
  ].join('\n')
}

const gib = (bytes: number): string => `${(bytes / GIB).toFixed(2)} GiB`
const gb = (bytes: number): string => `${(bytes / GB).toFixed(1)} GB`
const cores = (value: number): string => `${value.toFixed(2)} cores`
const count = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 })
