import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isDialectPath } from '../http/refusal.ts'
import { fakeApp } from '../testing/fake-app.ts'

const operationSchema = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()).min(1),
  responses: z.record(z.string(), z.looseObject({ description: z.string() })),
})
const documentSchema = z.looseObject({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
})

let text: string
let operations: { method: string; path: string; operation: z.output<typeof operationSchema> }[]

beforeAll(async () => {
  const response = await fakeApp().request('/openapi.json')
  text = await response.text()
  const { paths } = documentSchema.parse(JSON.parse(text))
  operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  )
})

describe('the document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const document = z.record(z.string(), z.unknown()).parse(JSON.parse(text))
    const { valid, errors } = await new Validator().validate(document)
    expect([valid, errors]).toEqual([true, undefined])
  })

  it('describes every route there is', () => {
    const described = new Set(operations.map(({ method, path }) => `${method} ${path}`))
    const routes = fakeApp()
      .routes.filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
      .filter((route) => !route.startsWith('get /docs/'))
    expect(routes.filter((route) => !described.has(route))).toEqual([])
    expect(routes.length).toBeGreaterThan(30)
  })

  it('marks the routes of other log servers, and no others', () => {
    // Own schemas of shared paths go before.
    const others = operations.filter(({ path }) => path !== '/optout')
    const marked = others.filter(({ operation }) =>
      ['rustlog', 'recent-messages'].includes(operation.tags[0] ?? ''),
    )
    expect(marked).toEqual(others.filter(({ path }) => isDialectPath(path)))
    expect(marked.length).toBeGreaterThan(20)
  })

  it('names every operation, once', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toContain('getChannelChannelWordsTop')
  })

  it('tells the headers of answers and refusals', () => {
    const logs = operations.find(({ path }) => path === '/channel/{channel}/logs')?.operation
    const headersOf = (status: string): string[] =>
      Object.keys(
        z.looseObject({ headers: z.object({}).loose() }).parse(logs?.responses[status]).headers,
      )
    expect(headersOf('200')).toEqual(
      expect.arrayContaining([
        'ETag',
        'Cache-Control',
        'Vary',
        'Link',
        'RateLimit',
        'X-Request-Id',
      ]),
    )
    expect(headersOf('304')).toContain('ETag')
    expect(headersOf('429')).toContain('Retry-After')
    expect(headersOf('503')).toContain('Retry-After')
    expect(headersOf('404')).not.toContain('ETag')
  })
})

describe('the page', () => {
  it('loads only what comes from here, and may do nothing else', async () => {
    const app = fakeApp()
    const page = await app.request('/docs')
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    )
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
    const html = await page.text()
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => link)
    expect(links).toHaveLength(3)
    for (const link of links) {
      const response = await app.request(link)
      expect([link, response.status]).toEqual([link, 200])
      expect(response.headers.get('content-type')).toMatch(
        /^text\/(?:javascript|css); charset=utf-8$/,
      )
      const content = await response.text()
      expect(content.length).toBeGreaterThan(100)
    }
    expect(await (await app.request('/docs/start.js')).text()).toContain("url: '/openapi.json'")
    expect(html).not.toMatch(/<(?:script|style)>|\s(?:style|on\w+)=/)
  })
})
