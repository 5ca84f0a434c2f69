import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { ROOT } from '../steps.ts'

const alertSchema = z.strictObject({
  alert: z.string().regex(/^Poglog([A-Z][a-z]+)+$/),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({ summary: z.string(), runbook_url: z.string() }),
})
const recordSchema = z.strictObject({
  record: z.string().regex(/^poglog:[a-z0-9_]+:[a-z0-9_]+$/),
  expr: z.string(),
})
const fileSchema = z.object({
  groups: z.array(z.object({ rules: z.array(z.union([alertSchema, recordSchema])) })),
})

export type Alert = z.output<typeof alertSchema>
export type Recorded = z.output<typeof recordSchema>

/** The rules of infra/prometheus/rules.yaml. @throws what is no rule as we want them. */
export function readRules(): {
  readonly alerts: readonly Alert[]
  readonly recorded: readonly Recorded[]
} {
  const text = readFileSync(join(ROOT, 'infra/prometheus/rules.yaml'), 'utf8')
  const rules = fileSchema.parse(parse(text)).groups.flatMap((group) => group.rules)
  return {
    alerts: rules.filter((rule) => 'alert' in rule),
    recorded: rules.filter((rule) => 'record' in rule),
  }
}
