import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../steps.ts'
import { askedBy } from './expression.ts'
import { dashboard } from './dashboard.ts'
import { registeredMetrics } from './registered.ts'
import { readRules } from './rules.ts'

const RUNBOOKS = join(ROOT, 'docs/runbooks')
/** What Prometheus itself knows of every target. */
const OF_PROMETHEUS = ['job', 'instance']
const PARTS_OF_HISTOGRAM = ['_bucket', '_sum', '_count']

const { alerts, recorded } = readRules()
const known = knownLabels()
const expressions = [
  ...alerts.map(({ alert, expr }) => ({ where: alert, expr })),
  ...recorded.map(({ record, expr }) => ({ where: record, expr })),
  ...panelExpressions(),
]

describe('the expressions of rules and dashboard', () => {
  it('are PromQL', () => {
    const wrong = expressions.filter(({ expr }) => askedBy(expr).wrong.length > 0)
    expect(wrong).toEqual([])
  })

  it('name only metrics that the services have, or that a rule records', () => {
    const unknown = expressions.flatMap(({ where, expr }) =>
      askedBy(expr)
        .metrics.filter((metric) => !known.has(metric))
        .map((metric) => `${where}: ${metric}`),
    )
    expect(unknown).toEqual([])
  })

  it('name only labels that one of their metrics has', () => {
    const unknown = expressions.flatMap(({ where, expr }) => {
      const { metrics, labels } = askedBy(expr)
      const has = new Set([...OF_PROMETHEUS, ...metrics.flatMap((name) => known.get(name) ?? [])])
      return labels.filter((label) => !has.has(label)).map((label) => `${where}: ${label}`)
    })
    expect(unknown).toEqual([])
  })
})

describe('the dashboard', () => {
  it('is the one in infra/grafana', async () => {
    await expect(`${JSON.stringify(dashboard(), undefined, 2)}\n`).toMatchFileSnapshot(
      join(ROOT, 'infra/grafana/dashboard.json'),
    )
  })
})

describe('every alert', () => {
  it.each(alerts)('$alert has a runbook', ({ alert, annotations }) => {
    expect(annotations.runbook_url).toBe(`docs/runbooks/${fileOf(alert)}`)
    const runbook = readFileSync(join(ROOT, annotations.runbook_url), 'utf8')
    expect(runbook).toContain(`# ${alert}\n`)
    const headings = [...runbook.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(['What it means', 'What users see', 'Look', 'Do', 'Over when'])
  })

  it.each(alerts)('$alert is shown to fire, and to be silent in health', ({ alert }) => {
    const tests = readFileSync(join(ROOT, 'infra/prometheus/rules.test.yaml'), 'utf8')
    const [health = '', ...others] = tests.split(/^ {2}- name: /m).slice(1)
    expect(health).toMatch(new RegExp(`alertname: ${alert}\\b`))
    const fires = others.filter((test) => new RegExp(`alertname: ${alert}\\n`).test(test))
    expect(fires.filter((test) => test.includes('exp_alerts:'))).not.toEqual([])
  })
})

describe('the runbooks', () => {
  it('are each of an alert', () => {
    const files = readdirSync(RUNBOOKS).filter((file) => file !== 'README.md')
    expect(files.toSorted()).toEqual(alerts.map(({ alert }) => fileOf(alert)).toSorted())
  })

  it('name only metrics and commands that exist', () => {
    const commands = commandNames()
    const metricNames = new Set([...known.keys(), ...metricsOfAll().map(({ name }) => name)])
    for (const file of readdirSync(RUNBOOKS)) {
      const text = readFileSync(join(RUNBOOKS, file), 'utf8')
      const metrics = [...text.matchAll(/poglog_(?:ingest|archiver|query)_\w+/g)]
      const asked = [...text.matchAll(/npm run poglog -- (\w+)/g)].map(([, name = '']) => name)
      expect(metrics.map(([name]) => name).filter((name) => !metricNames.has(name))).toEqual([])
      expect(asked.filter((name) => !commands.has(name))).toEqual([])
    }
  })
})

/** `PoglogMessagesStop` has messages-stop.md. */
function fileOf(alert: string): string {
  const words = alert
    .replace(/^Poglog/, '')
    .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return `${words.slice(1)}.md`
}

function metricsOfAll() {
  return Object.values(registeredMetrics()).flat()
}

/** The labels of everything that an expression may name. */
function knownLabels(): ReadonlyMap<string, readonly string[]> {
  const labels = new Map<string, readonly string[]>()
  for (const { name, type, labelNames } of metricsOfAll()) {
    if (type !== 'histogram') labels.set(name, labelNames)
    else for (const part of PARTS_OF_HISTOGRAM) labels.set(`${name}${part}`, [...labelNames, 'le'])
  }
  for (const { record, expr } of recorded) labels.set(record, askedBy(expr).labels)
  return labels
}

function panelExpressions() {
  return dashboard().panels.flatMap((panel) =>
    'targets' in panel ? panel.targets.map(({ expr }) => ({ where: panel.title, expr })) : [],
  )
}

function commandNames(): ReadonlySet<string> {
  const source = readFileSync(join(ROOT, 'infra/src/cli.ts'), 'utf8')
  return new Set([...source.matchAll(/\.command\('(\w+)/g)].map(([, name = '']) => name))
}
