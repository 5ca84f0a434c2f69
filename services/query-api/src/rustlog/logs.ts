import { spokenText } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { Hono } from 'hono'
import type { QueryContext, QueryEnv } from '../app-types.ts'
import { ROW_TYPES } from '../format/row-types.ts'
import { textTest } from '../format/text-search.ts'
import { OPEN } from '../http/caching.ts'
import { listPeriods } from '../read/list-periods.ts'
import { DAY_MS } from '../read/periods.ts'
import { randomRecord } from '../read/random-record.ts'
import { readLogs } from '../read/read-logs.ts'
import type { TimeRange } from '../read/words-range.ts'
import { runAnswer } from '../routes/run-answer.ts'
import type { CountRouteDeps } from '../routes/words-answer.ts'
import { ALWAYS, answerRange, answerRows, streamRows } from './answer-rows.ts'
import { calendarOf, datePartsOf, dayRange, monthRange } from './dates.ts'
import { notFound } from './errors.ts'
import {
  Parameters,
  rangeParameters,
  rawQuery,
  rowParameters,
  searchParameter,
} from './parameters.ts'
import { channelPaths, userPaths, writtenSegments } from './paths.ts'
import { findSubject, namesOf } from './subjects.ts'
import type { LogSubject } from './subjects.ts'

/** A redirect looks here first: whoever is asked for has mostly said something lately. */
const RECENT_DAYS = 2

/** The log routes: dates, ranges, redirects to the last date, `random` and `search`. */
export function addRowRoutes(app: Hono<QueryEnv>, deps: CountRouteDeps): void {
  // What is written out goes before what may be anything.
  app.on('GET', [...channelPaths('/random'), ...userPaths('/random')], async (c) => {
    const { format } = rowParameters(new Parameters(rawQuery(c)))
    const subject = await subjectOf(c, deps)
    const read = (signal: AbortSignal) => oneOf(subject, signal, deps)
    return await streamRows(c, deps, { format, caching: async () => OPEN, read })
  })
  app.on('GET', userPaths('/search'), async (c) => {
    const query = new Parameters(rawQuery(c))
    const rows = rowParameters(query)
    const isWanted = textTest(searchParameter(query), (record) => spokenText(record).text ?? '')
    return await answerRows(c, deps, {
      ...rows,
      ...ALWAYS,
      ...(await subjectOf(c, deps)),
      isWanted,
    })
  })
  app.on('GET', channelPaths('/:year/:month/:day'), async (c) => {
    const [year = '', month = '', day = ''] = ['year', 'month', 'day'].map((part) =>
      c.req.param(part),
    )
    return await answerDated(c, deps, () => dayRange(year, month, day))
  })
  app.on('GET', userPaths('/:year/:month'), async (c) => {
    const [year = '', month = ''] = ['year', 'month'].map((part) => c.req.param(part))
    return await answerDated(c, deps, () => monthRange(year, month))
  })
  app.on('GET', [...channelPaths(), ...userPaths()], async (c) => {
    const query = new Parameters(rawQuery(c))
    const rows = rowParameters(query)
    const range = rangeParameters(query)
    const subject = await subjectOf(c, deps)
    if (range === undefined) return await redirectToLast(c, deps, subject)
    return await answerRange(c, deps, { ...rows, ...range, ...subject })
  })
}

async function subjectOf(c: QueryContext, deps: CountRouteDeps): Promise<LogSubject> {
  const { channel, user } = namesOf(c)
  return await findSubject(channel, user, deps.hot)
}

/** A date is looked at when everything else is right. */
async function answerDated(
  c: QueryContext,
  deps: CountRouteDeps,
  rangeOf: () => TimeRange,
): Promise<Response> {
  const rows = rowParameters(new Parameters(rawQuery(c)))
  const subject = await subjectOf(c, deps)
  return await answerRange(c, deps, { ...rows, ...rangeOf(), ...subject })
}

async function* oneOf(
  subject: LogSubject,
  signal: AbortSignal,
  deps: CountRouteDeps,
): AsyncGenerator<LogRecord[], void, undefined> {
  const record = await randomRecord({ ...subject, ...ALWAYS, types: ROW_TYPES, signal }, deps)
  if (record !== undefined) yield [record]
}

async function redirectToLast(
  c: QueryContext,
  deps: CountRouteDeps,
  subject: LogSubject,
): Promise<Response> {
  const kind = { format: 'redirect', gate: deps.gate, what: 'log queries' } as const
  return await runAnswer(c, { ...deps, kind }, async (answer) => {
    const lastMs = await answer.reading(() => lastTime(subject, answer.signal, deps))
    if (lastMs === undefined) throw notFound()
    answer.end('complete')
    const [year, month, day] = datePartsOf(lastMs)
    const date = subject.userId === undefined ? [year, month, day] : [year, month]
    const query = rawQuery(c)
    const path = [...writtenSegments(c), ...date].join('/')
    const location = query === '' ? `/${path}` : `/${path}?${query}`
    return new Response(null, { status: 303, headers: { location } })
  })
}

/** A time in the last period that has a row. */
async function lastTime(
  subject: LogSubject,
  signal: AbortSignal,
  deps: CountRouteDeps,
): Promise<number | undefined> {
  const fromMs = deps.clock() - RECENT_DAYS * DAY_MS
  const wanted = { ...subject, types: ROW_TYPES, signal }
  const recent = { ...wanted, ...ALWAYS, fromMs, order: 'desc', limit: 1 } as const
  for await (const [last] of readLogs(recent, deps)) if (last !== undefined) return last.sentAtMs
  const calendar = calendarOf(subject.userId !== undefined)
  const [last] = await listPeriods({ ...wanted, ...ALWAYS }, calendar, deps)
  return last
}
