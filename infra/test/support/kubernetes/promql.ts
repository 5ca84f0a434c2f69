import { parser } from '@prometheus-io/lezer-promql'

/** The metrics that a query names. @throws {Error} when it is no PromQL. */
export const metricsIn = (query: string): readonly string[] =>
  namesIn(query, 'Identifier').filter((name) => name.startsWith('poglog_'))

/** The labels that a query looks at or sums by. @throws {Error} when it is no PromQL. */
export const labelsIn = (query: string): readonly string[] => namesIn(query, 'LabelName')

function namesIn(query: string, kind: string): readonly string[] {
  const names: string[] = []
  parser.parse(query).iterate({
    enter({ type, from, to }) {
      if (type.isError) throw new Error(`no PromQL at ${from}: ${query}`)
      if (type.name === kind) names.push(query.slice(from, to))
    },
  })
  return names
}
