import { parser } from '@prometheus-io/lezer-promql'

/** What an expression asks for. */
export interface Asked {
  readonly metrics: readonly string[]
  /** Labels of selectors, of `by`, `on` and the like. */
  readonly labels: readonly string[]
  /** The texts that are no PromQL; none where it parses. */
  readonly wrong: readonly string[]
}

/** Takes an expression of PromQL apart. */
export function askedBy(expression: string): Asked {
  const metrics: string[] = []
  const labels: string[] = []
  const wrong: string[] = []
  parser.parse(expression).iterate({
    enter({ type, from, to }) {
      const text = expression.slice(from, to)
      if (type.isError) wrong.push(expression.slice(from))
      else if (type.name === 'Identifier') metrics.push(text)
      else if (type.name === 'LabelName') labels.push(text)
    },
  })
  return { metrics, labels, wrong }
}
