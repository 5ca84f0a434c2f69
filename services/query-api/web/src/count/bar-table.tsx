import type { ComponentChildren } from 'preact'
import { numberText } from '../ui/number.ts'

interface BarRow {
  readonly key: string | number
  readonly name: ComponentChildren
  readonly count: number
}

interface BarTableProps {
  readonly caption: ComponentChildren
  /** What the rows are, and what is counted. */
  readonly columns: readonly [string, string]
  readonly rows: readonly BarRow[]
  /** Number of the colour; the accent where it does not matter. */
  readonly series?: number
  /** The count of a whole bar; the highest of the rows unless these are a part of more. */
  readonly most?: number | undefined
}

/** Who or what has the highest counts, with a bar each. */
export function BarTable({ caption, columns, rows, series, most }: BarTableProps) {
  const whole = most ?? Math.max(1, ...rows.map(({ count }) => count))
  return (
    <table class={series === undefined ? 'table bar-table' : `table bar-table series-${series}`}>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{columns[0]}</th>
          <th scope="col" class="number">
            {columns[1]}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, count }) => (
          <tr key={key}>
            <td style={{ '--share': `${(count / whole) * 100}%` }}>{name}</td>
            <td class="number">{numberText(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
