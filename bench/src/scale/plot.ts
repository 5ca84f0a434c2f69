import { parse, View } from 'vega'
import { compile } from 'vega-lite'
import type { TopLevelSpec } from 'vega-lite'
import type { Curve } from './curve.ts'
import { ALL, BUSIEST, KINDS, marksOf } from './marks.ts'

const PANEL = { width: 378, height: 210 }
const COLORS = ['#7c3aed', '#dc2626', '#f59e0b', '#0284c7']
const SOLID = [1, 0]
const DASHED = [4, 3]
const TITLE = 'Processor time a line: does it rise with rate, channels, replicas and nodes?'
const SUBTITLE =
  'Flat or falling: poglog scales out. Hollow: not all lines could be sent, or stored, in time.'
const LOG = { type: 'log' as const, nice: false, padding: 14 }
const LINEAR = { type: 'linear' as const, nice: false, zero: false, padding: 14 }
const LAYERS = [
  {
    mark: { type: 'line' as const, strokeWidth: 2 },
    encoding: {
      strokeDash: {
        field: 'of',
        type: 'nominal' as const,
        title: null,
        scale: { domain: [ALL, BUSIEST], range: [SOLID, DASHED] },
      },
    },
  },
  {
    transform: [{ filter: 'datum.isKept' }],
    mark: { type: 'point' as const, filled: true, size: 50, opacity: 1 },
  },
  {
    transform: [{ filter: '!datum.isKept' }],
    mark: { type: 'point' as const, fill: 'white', size: 50, opacity: 1 },
  },
]

/** Draws the curves, each in a panel of its own, as SVG. */
export async function drawCurves(curves: readonly Curve[]): Promise<string> {
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: { text: TITLE, subtitle: SUBTITLE, anchor: 'middle', fontSize: 16, offset: 16 },
    background: 'white',
    padding: 14,
    columns: 2,
    bounds: 'flush',
    spacing: { row: 88, column: 76 },
    concat: curves.map(panelOf),
    config: {
      font: 'Helvetica, Arial, sans-serif',
      title: { subtitleFontSize: 12, subtitleColor: '#4b5563', subtitlePadding: 6 },
      axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal' },
      legend: { orient: 'bottom', labelFontSize: 12, labelLimit: 0, symbolSize: 120 },
    },
  }
  const view = new View(parse(compile(spec).spec), { renderer: 'none' })
  try {
    return `${await view.toSVG()}\n`
  } finally {
    view.finalize()
  }
}

function panelOf(curve: Curve) {
  const { of, at, isLog } = curve.sweep
  const ticks = curve.points.map(({ x }) => x)
  return {
    ...PANEL,
    title: { text: at, fontSize: 12, fontWeight: 'normal' as const },
    data: { values: [...marksOf(curve)] },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative' as const,
        title: of,
        scale: isLog ? LOG : LINEAR,
        axis: { values: ticks, format: '~s', labelOverlap: 'greedy' as const, grid: false },
      },
      y: {
        field: 'us',
        type: 'quantitative' as const,
        title: 'us a line',
        axis: { gridColor: '#e5e7eb' },
      },
      color: {
        field: 'kind',
        type: 'nominal' as const,
        title: null,
        scale: { domain: [...KINDS], range: COLORS },
      },
    },
    layer: LAYERS,
  }
}
