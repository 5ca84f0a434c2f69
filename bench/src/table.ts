import type { Row } from './bench.ts'

/** The columns that are set to the right. */
const NUMBERS: ReadonlySet<number> = new Set([1, 3])

/** The rows as a table of plain text. */
export function renderTable(rows: readonly Row[]): string {
  const cells = rows.map(({ name, value, unit, target, reached }) => [
    name,
    format(value),
    unit,
    target === undefined ? '' : format(target),
    reached === undefined ? '' : reached ? 'reached' : 'missed',
  ])
  const all = [['', 'value', 'unit', 'target', ''], ...cells]
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...all.map((row) => row.at(column)?.length ?? 0)),
  )
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          NUMBERS.has(column)
            ? cell.padStart(widths[column] ?? 0)
            : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A table of Markdown, as RESULTS.md has them. */
export function renderMarkdown(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const rule = `|${'---|'.repeat(head.length)}`
  return [markdownRow(head), rule, ...rows.map(markdownRow)].join('\n')
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** Three figures that count; whole numbers from 100 on. */
export function format(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)))
}
