import { RECORD_TYPES, recordTypeOf } from '@poglog/log-format'
import type { RecordType } from '@poglog/log-format'
import { dayMsOf } from '../calendar-date.ts'
import { Problem } from '../problem.ts'
import type { Reads } from './open-reads.ts'

const FORMATS = ['raw', 'ndjson', 'parquet'] as const
/** As the API reads them: `123`, `id:123` and `id:0123` are an id. */
const ID = /^(?:id:)?0*(\d{1,20})$/
const LOGIN = /^\w{1,25}$/
/** RFC 3339, seconds and their fraction optional. */
const TIME = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:\d{2})$/

export type ExportFormat = (typeof FORMATS)[number]

/** What the command line says, as it came. */
export interface ExportCommandOptions {
  readonly channel?: string | undefined
  readonly user?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly type?: string | undefined
  readonly format: string
  readonly out?: string | undefined
  readonly data: string
}

/** What to export. Times are sent times, `[fromMs, toMs)`; without channel and user it is everything. */
export interface ExportQuery {
  readonly channelId: string | undefined
  readonly userId: string | undefined
  readonly fromMs: number
  readonly toMs: number
  readonly types: ReadonlySet<RecordType>
  readonly format: ExportFormat
}

/** @throws {Problem} when an option is wrong, or names nobody that poglog has seen. */
export async function exportQuery(
  options: ExportCommandOptions,
  { hot }: Pick<Reads, 'hot'>,
): Promise<ExportQuery> {
  const format = FORMATS.find((name) => name === options.format)
  if (format === undefined) {
    throw new Problem(`--format: "${options.format}" is none of ${FORMATS.join(', ')}`)
  }
  if (format === 'parquet' && options.out === undefined) {
    throw new Problem('--format parquet needs --out: a file to write')
  }
  const fromMs = timeOf('--from', options.from) ?? 0
  const toMs = timeOf('--to', options.to) ?? Number.MAX_SAFE_INTEGER
  if (fromMs >= toMs) throw new Problem('--from must be before --to')
  const idOf = async (option: string, name: string | undefined): Promise<string | undefined> => {
    if (name === undefined) return undefined
    const [, id] = ID.exec(name) ?? []
    if (id !== undefined) return id
    const login = name.replace(/^login:|^#/, '').toLowerCase()
    if (!LOGIN.test(login)) throw new Problem(`${option}: "${name}" is neither a login nor an id`)
    const known = (await hot.names.idsOf([login])).get(login)
    if (known === undefined) throw new Problem(`${option}: poglog has not seen a "${login}"`)
    return known
  }
  const [channelId, userId] = await Promise.all([
    idOf('--channel', options.channel),
    idOf('--user', options.user),
  ])
  return { channelId, userId, fromMs, toMs, types: typesOf(options.type), format }
}

function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const dayMs = dayMsOf(text.slice(0, 10))
  if (dayMs !== undefined && text.length === 10) return dayMs
  const timeMs = dayMs !== undefined && TIME.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(timeMs)) {
    throw new Problem(`${option}: "${text}" is neither 2026-11-21 nor like 2026-11-21T13:00:00Z`)
  }
  return timeMs
}

function typesOf(text: string | undefined): ReadonlySet<RecordType> {
  if (text === undefined) return RECORD_TYPES
  return new Set(
    text.split(',').map((name) => {
      const type = recordTypeOf(name.trim().toUpperCase())
      if (type !== undefined) return type
      throw new Problem(`--type: "${name}" is none of ${[...RECORD_TYPES].join(', ')}`)
    }),
  )
}
