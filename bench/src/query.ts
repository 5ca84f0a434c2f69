import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { archiveOf, entriesThatCount } from './archive/build.ts'
import type { Archive } from './archive/build.ts'
import { DAY_MS, START_MS } from './archive/chat.ts'
import type { Bench, Row } from './bench.ts'
import { startApi } from './query/api.ts'
import { Asker } from './query/ask.ts'
import { startColdS3 } from './query/cold.ts'
import { DuckDBPeer } from './query/duckdb.ts'
import { justlogPeer } from './query/justlog.ts'
import { askOverS3 } from './query/over-s3.ts'
import { poglogPeer, PoglogClient } from './query/poglog.ts'
import type { Questions } from './query/questions.ts'
import { racePeers } from './query/race.ts'

export const bench: Bench = {
  description:
    'questions over a month: over S3 with 20 ms a request, then on disk against justlog and DuckDB',
  run: async (options) => {
    const archive = await archiveOf(options)
    const questions = questionsOf(archive)
    const entries = await entriesThatCount(archive.hot)
    const keys = entries.map(({ key }) => key)
    await using resources = new AsyncDisposableStack()
    const cold = await startColdS3({ dir: archive.objectsDir, keys }, resources)
    const overS3 = await askOverS3({ cold, redisUrl: archive.redisUrl, questions })
    return [...overS3, ...(await onDisk(archive, questions))]
  },
}

function questionsOf({ measured, scale }: Archive): Questions {
  const days = Array.from({ length: scale.days }, (_, day) => START_MS + day * DAY_MS)
  const toMs = START_MS + scale.days * DAY_MS
  return { facts: measured.facts, days, fromMs: START_MS, toMs }
}

async function onDisk(archive: Archive, questions: Questions): Promise<Row[]> {
  const { objectsDir, justlogDir, redisUrl, hot } = archive
  const entries = await entriesThatCount(hot)
  const files = (wanted: string): string[] =>
    entries
      .filter(({ projection }) => projection === wanted)
      .map(({ key }) => join(objectsDir, key))
  await using api = await startApi({
    REDIS_URL: redisUrl,
    OBJECT_STORE: pathToFileURL(objectsDir).href,
  })
  using asker = new Asker()
  using duckdb = await DuckDBPeer.open(
    { byChannel: files('by-channel'), byUser: files('by-user'), words: files('words') },
    { questions, outPath: join(justlogDir, '..', 'duckdb.txt') },
  )
  const poglog = poglogPeer(new PoglogClient(api.url, asker, questions))
  return await racePeers([poglog, duckdb, justlogPeer(justlogDir, questions)], questions)
}
