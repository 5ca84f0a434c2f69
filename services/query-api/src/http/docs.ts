import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { QueryApp } from '../app-types.ts'

/** Everything comes from here, and nothing is written into the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // The icons of the style sheet.
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>poglog query API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`
/** Without its own validator badge, which would ask somebody else. */
const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  validatorUrl: 'none',
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
})
`
const KEPT = { 'cache-control': 'public, max-age=86400' }

/** `/docs`: the reference of the API as a page, with all it needs. */
export function addDocs(app: QueryApp): void {
  app.get('/docs', (c) =>
    c.html(PAGE, 200, { 'content-security-policy': POLICY, 'cache-control': 'no-cache' }),
  )
  app.get('/docs/start.js', (c) => c.body(START, 200, { 'content-type': SCRIPT, ...KEPT }))
  for (const [name, type] of FILES) {
    const content = once(async () => new Uint8Array(await readFile(fileOf(name))))
    app.get(`/docs/${name}`, async (c) =>
      c.body(await content(), 200, { 'content-type': type, ...KEPT }),
    )
  }
}

const SCRIPT = 'text/javascript; charset=utf-8'
const FILES = [
  ['swagger-ui-bundle.js', SCRIPT],
  ['swagger-ui.css', 'text/css; charset=utf-8'],
] as const

function fileOf(name: string): string {
  return fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`))
}

/** Reads when it is first asked for; tries again after a failure. */
function once<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined
  return async () => {
    value ??= read()
    try {
      return await value
    } catch (error) {
      value = undefined
      throw error
    }
  }
}
