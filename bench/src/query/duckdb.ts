import { DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DAY_MS } from '../archive/chat.ts'
import type { Peer, Questions } from './questions.ts'

const SHOWN = `type in ('PRIVMSG', 'USERNOTICE', 'CLEARCHAT', 'CLEARMSG')`
/** A line of text as the API and justlog write one. */
const LINE = `'[' || strftime(sent_at, '%Y-%m-%d %H:%M:%S') || '] #' || channel_login || ' '
  || coalesce(login, '') || ': ' || coalesce(text, '')`

/** The files of poglog's archive that count now, by what they hold. */
export interface ParquetFiles {
  readonly byChannel: readonly string[]
  readonly byUser: readonly string[]
  readonly words: readonly string[]
}

/** DuckDB over poglog's own files on disk, with all processors it wants and its cache of footers. */
export class DuckDBPeer implements Peer, Disposable {
  readonly name = 'DuckDB'
  readonly #connection: DuckDBConnection
  readonly #files: ParquetFiles
  readonly #questions: Questions
  readonly #outPath: string

  private constructor(
    connection: DuckDBConnection,
    files: ParquetFiles,
    { questions, outPath }: { questions: Questions; outPath: string },
  ) {
    this.#connection = connection
    this.#files = files
    this.#questions = questions
    this.#outPath = outPath
  }

  /** @param what.outPath a file it may write answers of many records to */
  static async open(
    files: ParquetFiles,
    what: { questions: Questions; outPath: string },
  ): Promise<DuckDBPeer> {
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    await connection.run(`set timezone = 'UTC'; set parquet_metadata_cache = true`)
    return new DuckDBPeer(connection, files, what)
  }

  async userInChannel(userId: string): Promise<number> {
    const { channelId } = this.#questions.facts
    return await this.#lines(`user_id = '${userId}' and channel_id = '${channelId}'`)
  }

  async userOverall(userId: string): Promise<number> {
    return await this.#lines(`user_id = '${userId}'`)
  }

  async channelDay(): Promise<number> {
    const { channelId, day } = this.#questions.facts
    const { byChannel } = this.#files
    return await this.#export(
      `select ${LINE} from ${parquet(byChannel)} where channel_id = '${channelId}' and ${SHOWN}
         and sent_at >= ${timestamp(day.startMs)} and sent_at < ${timestamp(day.startMs + DAY_MS)}
         order by sent_at, id`,
    )
  }

  async word(word: string): Promise<number> {
    const { fromMs, toMs, facts } = this.#questions
    const reader = await this.#connection.runAndReadAll(
      `select sum("count")::int as total from ${parquet(this.#files.words)}
         where channel_id = '${facts.channelId}' and word_folded = '${word.toLowerCase()}'
           and word = '${word}' and hour >= ${timestamp(fromMs)} and hour < ${timestamp(toMs)}`,
    )
    return Number(reader.getRowsJson()[0]?.[0])
  }

  [Symbol.dispose](): void {
    this.#connection.closeSync()
  }

  async #lines(where: string): Promise<number> {
    const { fromMs, toMs } = this.#questions
    const reader = await this.#connection.runAndReadAll(
      `select ${LINE} from ${parquet(this.#files.byUser)} where ${where} and ${SHOWN}
         and sent_at >= ${timestamp(fromMs)} and sent_at < ${timestamp(toMs)} order by sent_at, id`,
    )
    return reader.getRowsJson().length
  }

  /** Written to a file by DuckDB itself: handing 200,000 rows to JavaScript would cost it more than the answer. */
  async #export(query: string): Promise<number> {
    const copy = `copy (${query}) to '${this.#outPath}' (format csv, header false, quote '')`
    const reader = await this.#connection.runAndReadAll(copy)
    return Number(reader.getRowsJson()[0]?.[0])
  }
}

function parquet(files: readonly string[]): string {
  return `read_parquet([${files.map((file) => `'${file}'`).join(', ')}])`
}

function timestamp(atMs: number): string {
  return `timestamptz '${new Date(atMs).toISOString()}'`
}
