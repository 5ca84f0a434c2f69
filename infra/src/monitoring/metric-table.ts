import type { RegisteredMetric } from './registered.ts'

const HEADER = ['Metric', 'Type', 'Unit', 'Labels', 'What it tells']
const UNITS = ['seconds', 'bytes', 'per_second'] as const

/** The metrics of a service as a table, laid out as the formatter would. */
export function metricTable(metrics: readonly RegisteredMetric[]): string {
  const rows = metrics.map(({ name, type, labelNames, help }) => [
    `\`${name}\``,
    type,
    unitOf(name),
    labelNames.map((label) => `\`${label}\``).join(' '),
    help.replace(/\.$/, ''),
  ])
  const widths = HEADER.map((_, at) =>
    Math.max(...[HEADER, ...rows].map((row) => (row[at] ?? '').length)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  const rule = widths.map((width) => '-'.repeat(width))
  return [line(HEADER), line(rule), ...rows.map(line)].join('\n')
}

/** The unit in a metric's name; what has none counts things, or says so itself. */
function unitOf(name: string): string {
  const base = name.replace(/_total$/, '')
  const unit = UNITS.find((each) => base.endsWith(`_${each}`))
  return unit?.replace('per_', '1/') ?? ''
}
