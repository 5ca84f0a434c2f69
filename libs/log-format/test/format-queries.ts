import { readFile } from 'node:fs/promises'
import type { DuckDBConnection } from '@duckdb/node-api'

const FORMAT = new URL('../FORMAT.md', import.meta.url)

/** The SQL of FORMAT.md's page on DuckDB: what it sets, how it finds the segments, and each query by its heading. */
export interface FormatQueries {
  readonly settings: string
  readonly segments: string
  readonly queries: ReadonlyMap<string, string>
}

/** What takes the place of the values that FORMAT.md asks with. */
export interface Asked {
  readonly archive: string
  readonly channel: string
  readonly person: string
  readonly said: string
  readonly from_time: string
  readonly to_time: string
}

/** Takes the queries out of FORMAT.md, so that what is tested is what is written there. */
export async function formatQueries(): Promise<FormatQueries> {
  const page = await readFile(FORMAT, 'utf8')
  const section = /^## DuckDB$(.*?)^## /ms.exec(page)?.[1] ?? ''
  const blocks = [...section.matchAll(/^([^\n]*)\n\n```sql\n(.*?)^```$/gms)]
  const [settings, segments, ...queries] = blocks.map(([, above = '', sql = '']) => ({
    above,
    sql,
  }))
  if (settings === undefined || segments === undefined) throw new Error('FORMAT.md has no queries')
  return {
    settings: settings.sql,
    segments: segments.sql,
    queries: new Map(queries.map(({ above, sql }) => [above, sql])),
  }
}

/** Sets FORMAT.md's variables to other values and has it find the segments. */
export async function prepare(
  connection: DuckDBConnection,
  { settings, segments }: FormatQueries,
  asked: Asked,
): Promise<void> {
  const own = Object.entries(asked).map(([name, value]) => {
    if (!settings.includes(`SET VARIABLE ${name} =`)) throw new Error(`no variable ${name}`)
    const isTime = name.endsWith('_time')
    return `SET VARIABLE ${name} = ${isTime ? 'TIMESTAMPTZ ' : ''}'${value}';`
  })
  await connection.run(`${settings}\n${own.join('\n')}\n${segments}`)
}

/** The rows of the query that stands below a line that says this. */
export async function ask(
  connection: DuckDBConnection,
  { queries }: FormatQueries,
  about: string,
): Promise<readonly Record<string, unknown>[]> {
  const found = [...queries].find(([above]) => above.includes(about))
  if (found === undefined) throw new Error(`FORMAT.md has no query about ${about}`)
  return (await connection.runAndReadAll(found[1])).getRowObjectsJson()
}
