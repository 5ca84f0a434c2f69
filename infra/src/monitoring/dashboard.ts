import { ANSWERS } from './panels/answers.ts'
import { CHAT } from './panels/chat.ts'
import { COLD } from './panels/cold.ts'
import { HOT } from './panels/hot.ts'
import { PROCESSES } from './panels/processes.ts'
import type { Panel, Row } from './row.ts'

/** From what users see to what is behind it. */
const ROWS: readonly Row[] = [CHAT, HOT, COLD, ANSWERS, PROCESSES]

/** Grafana's grid is 24 wide: three panels beside each other. */
const PANEL_WIDTH = 8
const PANEL_HEIGHT = 8
const PANELS_A_LINE = 3
/** Chosen on the dashboard, so that it fits any Grafana. */
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' }

/** The dashboard as Grafana reads it. */
export function dashboard() {
  return {
    uid: 'poglog',
    title: 'poglog',
    description:
      'Chat comes in, moves from hot to cold, and is answered. Made from infra/src/monitoring by its test.',
    schemaVersion: 39,
    editable: false,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'utc',
    tags: ['poglog'],
    templating: {
      list: [{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' }],
    },
    panels: layOut(ROWS),
  }
}

function layOut(rows: readonly Row[]) {
  const panels: (ReturnType<typeof rowPanel> | ReturnType<typeof timeSeries>)[] = []
  let y = 0
  for (const row of rows) {
    panels.push(rowPanel(row, { id: panels.length + 1, y }))
    y += 1
    for (const [at, panel] of row.panels.entries()) {
      const line = Math.floor(at / PANELS_A_LINE)
      const x = (at % PANELS_A_LINE) * PANEL_WIDTH
      panels.push(timeSeries(panel, { id: panels.length + 1, x, y: y + line * PANEL_HEIGHT }))
    }
    y += Math.ceil(row.panels.length / PANELS_A_LINE) * PANEL_HEIGHT
  }
  return panels
}

function rowPanel({ title }: Row, { id, y }: { readonly id: number; readonly y: number }) {
  const gridPos = { h: 1, w: PANEL_WIDTH * PANELS_A_LINE, x: 0, y }
  return { id, type: 'row', title, collapsed: false, gridPos }
}

function timeSeries(
  { title, description, unit, queries }: Panel,
  { id, x, y }: { readonly id: number; readonly x: number; readonly y: number },
) {
  return {
    id,
    type: 'timeseries',
    title,
    description,
    datasource: DATASOURCE,
    gridPos: { h: PANEL_HEIGHT, w: PANEL_WIDTH, x, y },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: Object.entries(queries).map(([legendFormat, expr], at) => ({
      refId: String.fromCodePoint(65 + at),
      datasource: DATASOURCE,
      expr,
      legendFormat,
    })),
  }
}
