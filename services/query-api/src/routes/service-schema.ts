import { z } from '@hono/zod-openapi'
import { json } from './schemas.ts'

const statusSchema = z
  .object({ status: z.string(), failed: z.array(z.string()).optional() })
  .openapi('Status')

/** Answers of the routes about the service itself. */
export const SERVICE_ANSWERS = {
  '/': {
    summary: 'Where to begin',
    responses: {
      200: { description: 'The web page for who accepts text/html by name, else paths by name' },
      302: { description: 'With the parameter `swagger`: to /docs' },
      304: { description: 'What `If-None-Match` names is current' },
      503: { description: 'The web page is not built' },
    },
  },
  '/healthz': {
    summary: 'Whether the process lives',
    responses: { 200: json('It does', statusSchema) },
  },
  '/readyz': {
    summary: 'Whether it can answer',
    responses: {
      200: json('It can', statusSchema),
      503: json('It cannot: `failed` says why', statusSchema),
    },
  },
  '/metrics': {
    summary: 'Metrics for Prometheus',
    responses: { 200: { description: 'Text', content: { 'text/plain': { schema: z.string() } } } },
  },
  '/openapi.json': {
    summary: 'This document',
    responses: { 200: json('OpenAPI 3.1', z.looseObject({ openapi: z.string() })) },
  },
  '/docs': {
    summary: 'This document as a page',
    responses: {
      200: { description: 'The page', content: { 'text/html': { schema: z.string() } } },
    },
  },
} as const
