import type { Hono } from 'hono'
import type { QueryContext, QueryEnv } from '../app-types.ts'
import { rfc3339 } from '../format/message.ts'
import { TOP_CHATTERS } from '../limits.ts'
import { countRecords } from '../read/count-records.ts'
import { listPeriods } from '../read/list-periods.ts'
import { nameHistory } from '../read/name-history.ts'
import { runAnswer } from '../routes/run-answer.ts'
import type { AnswerDeps, AnswerKind } from '../routes/run-answer.ts'
import type { CountRouteDeps } from '../routes/words-answer.ts'
import { namedLeaders } from '../routes/words-lists.ts'
import { ROW_TYPES } from '../format/row-types.ts'
import { ALWAYS } from './answer-rows.ts'
import { calendarOf, datePartsOf } from './dates.ts'
import { notFound, optedOut } from './errors.ts'
import { Parameters, rangeParameters, rawQuery, wrongQuery } from './parameters.ts'
import { userPaths } from './paths.ts'
import { findSubject, namesOf, userIdOf } from './subjects.ts'
import type { Named } from './subjects.ts'

/** What clients can ask beside dates, as rustlog says it. */
export const CAPABILITIES = ['arbitrary-range-query', 'search', 'stats', 'namehistory'] as const
const LIST_CACHE = { 'cache-control': 'public, max-age=600' }

/** `/list`, `/namehistory/{id}`, `/capabilities`, and the counts; those of `/channel/{login}/stats` are a native route. */
export function addListRoutes(app: Hono<QueryEnv>, deps: CountRouteDeps): void {
  app.get('/capabilities', (c) => c.json(CAPABILITIES))
  app.get('/list', async (c) => {
    const { channel, user } = listedNames(new Parameters(rawQuery(c)))
    const subject = await findSubject(channel, user, deps.hot)
    return await answerJson(c, listing(deps), async (signal) => {
      const wanted = { ...subject, ...ALWAYS, types: ROW_TYPES, signal }
      const starts = await listPeriods(wanted, calendarOf(subject.userId !== undefined), deps)
      if (starts.length === 0) throw notFound()
      return { availableLogs: starts.map((startMs) => listedDate(startMs, user !== undefined)) }
    })
  })
  app.get('/namehistory/:user', async (c) => {
    const userId = await userIdOf({ by: 'id', name: c.req.param('user') }, deps.hot)
    if (userId === undefined) return c.json([])
    // The text is that of a channel: what rustlog says.
    if ((await deps.hot.optOuts.view()).users.has(userId)) throw optedOut('channel')
    return await answerJson(c, counting(deps), async (signal) => {
      const names = await nameHistory({ userId, types: ROW_TYPES, signal }, deps)
      return names.map(({ login, firstMs, lastMs }) => ({
        user_login: login,
        last_timestamp: rfc3339(lastMs),
        first_timestamp: rfc3339(firstMs),
      }))
    })
  })
  app.get('/channelid/:channel/stats', async (c) => {
    const range = rangeParameters(new Parameters(rawQuery(c))) ?? ALWAYS
    const { channelId } = await findSubject(namesOf(c).channel, undefined, deps.hot)
    return await answerJson(c, counting(deps), async (signal) => {
      const wanted = { channelId, ...range, types: ROW_TYPES, signal }
      const { total, byUser } = await countRecords(wanted, deps)
      const leaders = await namedLeaders(byUser, TOP_CHATTERS, deps.hot)
      return {
        messageCount: total,
        topChatters: leaders.map(({ id, login, count }) => ({
          userId: id,
          userLogin: login,
          messageCount: count,
        })),
      }
    })
  })
  app.on('GET', userPaths('/stats'), async (c) => {
    const range = rangeParameters(new Parameters(rawQuery(c))) ?? ALWAYS
    const { channel, user } = namesOf(c)
    const { channelId, userId = '' } = await findSubject(channel, user, deps.hot)
    return await answerJson(c, counting(deps), async (signal) => {
      const wanted = { channelId, userId, ...range, types: ROW_TYPES, signal }
      const { total } = await countRecords(wanted, deps)
      const logins = await deps.hot.names.loginsOf([userId])
      return { userId, userLogin: logins.get(userId) ?? null, messageCount: total }
    })
  })
}

interface JsonDeps extends AnswerDeps {
  readonly kind: AnswerKind
  readonly headers?: Readonly<Record<string, string>>
}

function listing(deps: CountRouteDeps): JsonDeps {
  const kind = { format: 'list', gate: deps.gate, what: 'log queries' } as const
  return { ...deps, kind, headers: LIST_CACHE }
}

function counting(deps: CountRouteDeps): JsonDeps {
  return { ...deps, kind: { format: 'counts', gate: deps.countGate, what: 'counting queries' } }
}

/** Whose list is asked for; of several ways to say it the first one holds. */
function listedNames(query: Parameters): { channel: Named; user: Named | undefined } {
  const channel = query.first(['channel', 'channelid'])
  if (channel === undefined) {
    throw wrongQuery('no variant of enum ChannelParam found in flattened data')
  }
  const user = query.first(['user', 'userid', 'username'])
  return { channel: namedBy(channel), user: user === undefined ? undefined : namedBy(user) }
}

function namedBy([parameter, name]: readonly [string, string]): Named {
  return { by: parameter.endsWith('id') ? 'id' : 'login', name }
}

function listedDate(startMs: number, isMonth: boolean): object {
  const [year, month, day] = datePartsOf(startMs).map(String)
  return isMonth ? { year, month } : { year, month, day }
}

async function answerJson(
  c: QueryContext,
  { headers, ...deps }: JsonDeps,
  work: (signal: AbortSignal) => Promise<object>,
): Promise<Response> {
  return await runAnswer(c, deps, async (answer) => {
    const body = JSON.stringify(await answer.reading(() => work(answer.signal)))
    answer.wrote(0, Buffer.byteLength(body))
    answer.end('complete')
    return new Response(body, { headers: { 'content-type': 'application/json', ...headers } })
  })
}
