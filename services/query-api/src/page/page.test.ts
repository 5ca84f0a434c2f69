import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AppDeps } from '../app.ts'
import type { QueryApp } from '../app-types.ts'
import { DECODERS } from '../testing/decoders.ts'
import { fakeApp } from '../testing/fake-app.ts'
import { PAGE_BYTES_MAX } from '../limits.ts'
import { readPage } from './read-page.ts'
import type { Page } from './read-page.ts'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const INDEX = '<!doctype html><title>poglog</title><script src="/assets/index-Abc123.js"></script>'
const SCRIPT = 'console.log("Pog")\n'.repeat(50)
const ICON = '<svg xmlns="http://www.w3.org/2000/svg"/>'
const MANIFEST = {
  'index.html': {
    file: 'assets/index-Abc123.js',
    css: ['assets/index-Abc123.css'],
    assets: ['assets/icon-Abc123.svg'],
  },
}

let dir: string
let page: Page | undefined
let app: QueryApp

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'page-'))
  const files = {
    'index.html': INDEX,
    'index.html.br': brotliCompressSync(INDEX),
    'index.html.gz': gzipSync(INDEX),
    'manifest.json': JSON.stringify(MANIFEST),
    'notes.txt': 'no part of the page',
    'assets/index-Abc123.js': SCRIPT,
    'assets/index-Abc123.js.br': brotliCompressSync(SCRIPT),
    'assets/index-Abc123.js.gz': gzipSync(SCRIPT),
    'assets/index-Abc123.css': 'main { color: red }',
    'assets/icon-Abc123.svg': ICON,
    // A build that was put back long ago.
    'assets/index-Old456.js': Buffer.alloc(PAGE_BYTES_MAX + 1),
  }
  mkdirSync(join(dir, 'assets'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content)
  page = await readPage(dir)
})
afterAll(() => {
  rmSync(dir, { recursive: true })
})
beforeEach(() => {
  app = fakeApp({ page })
})

async function get(
  path: string,
  headers: Record<string, string> = { accept: BROWSER },
  { method = 'GET', changes }: { method?: string; changes?: Partial<AppDeps> } = {},
) {
  const on = changes === undefined ? app : fakeApp({ page, ...changes })
  const response = await on.request(path, { method, headers })
  const body = new Uint8Array(await response.arrayBuffer())
  const header = (name: string): string | null => response.headers.get(name)
  return { status: response.status, body, text: Buffer.from(body).toString(), header }
}

describe('/', () => {
  it.each(['/', '/?channel=forsen&username=id:123', '/?optout', '//'])(
    'is the page for a browser: %s',
    async (path) => {
      const { status, text, header } = await get(path)
      expect([status, text]).toEqual([200, INDEX])
      expect(header('content-type')).toBe('text/html; charset=utf-8')
      expect(header('cache-control')).toBe('no-cache')
      expect(header('vary')).toBe('Accept, Accept-Encoding')
    },
  )

  it.each([
    [undefined, false],
    ['*/*', false],
    ['application/json', false],
    ['application/json, text/html;q=0.9', false],
    ['text/html;q=0, */*', false],
    ['text/*', false],
    ['text/html', true],
    ['TEXT/HTML, application/json', true],
    [BROWSER, true],
  ])('with Accept %s is the page: %s', async (accept, isPage) => {
    const { status, text, header } = await get('/', accept === undefined ? {} : { accept })
    expect([status, text === INDEX]).toEqual([200, isPage])
    expect(text.includes('"docs":"/docs"')).toBe(!isPage)
    expect(header('vary')).toBe('Accept, Accept-Encoding')
  })

  it('may run nothing but its own scripts, and show emotes of Twitch', async () => {
    const { header } = await get('/')
    expect(header('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https://static-cdn.jtvnw.net; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    expect(header('x-content-type-options')).toBe('nosniff')
    expect(header('referrer-policy')).toBe('no-referrer')
  })

  it('is a 304 for who has it, in whichever coding', async () => {
    for (const [coding, tag] of [
      ['identity', /^"[\w-]{22}"$/],
      ['gzip', /^"[\w-]{22}-gzip"$/],
      ['deflate', /^"[\w-]{22}-deflate"$/],
    ] as const) {
      const headers = { accept: BROWSER, 'accept-encoding': coding }
      const etag = (await get('/', headers)).header('etag') ?? ''
      expect(etag).toMatch(tag)
      for (const method of ['GET', 'HEAD']) {
        const again = await get('/', { ...headers, 'if-none-match': etag }, { method })
        expect([again.status, again.text, again.header('etag')]).toEqual([304, '', etag])
        expect(again.header('cache-control')).toBe('no-cache')
        expect(again.header('vary')).toBe('Accept, Accept-Encoding')
        // A browser takes the headers of a 304 over into its copy.
        expect(again.header('content-security-policy')).toContain("script-src 'self'")
      }
    }
    expect((await get('/', { accept: BROWSER, 'if-none-match': '"other"' })).status).toBe(200)
  })

  it('of justlog, /?swagger, leads to the reference', async () => {
    const { status, header } = await get('/?swagger', {})
    expect([status, header('location')]).toEqual([302, '/docs'])
  })

  it('is a 503 that says what to do where the page is not built, and paths for all others', async () => {
    const changes = { page: undefined }
    const { status, text, header } = await get('/', { accept: BROWSER }, { changes })
    expect([status, header('content-type')]).toEqual([503, 'application/problem+json'])
    expect(text).toContain('npm run build')
    expect((await get('/', {}, { changes })).status).toBe(200)
    expect((await get('/nothing', { accept: BROWSER }, { changes })).status).toBe(404)
    expect((await get('/assets/index-Abc123.js', {}, { changes })).status).toBe(404)
  })
})

describe('what the page loads', () => {
  it.each([
    ['index-Abc123.js', 'text/javascript; charset=utf-8', SCRIPT],
    ['index-Abc123.css', 'text/css; charset=utf-8', 'main { color: red }'],
    ['icon-Abc123.svg', 'image/svg+xml; charset=utf-8', ICON],
  ])('%s is kept for ever', async (name, type, content) => {
    for (const accept of ['*/*', BROWSER]) {
      const { status, text, header } = await get(`/assets/${name}`, { accept })
      expect([status, text, header('content-type')]).toEqual([200, content, type])
      expect(header('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(header('x-content-type-options')).toBe('nosniff')
      expect(header('vary')).toBe('Accept-Encoding')
    }
  })

  it.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0.5, gzip', 'gzip'],
    // The build has none of these: they are made on the way.
    ['zstd', 'zstd'],
    ['deflate', 'deflate'],
    ['identity', null],
    ['', null],
  ])('comes as the client takes it: %s as %s', async (accepted, expected) => {
    const headers = { 'accept-encoding': accepted }
    for (const [path, content] of [
      ['/assets/index-Abc123.js', SCRIPT],
      ['/', INDEX],
    ] as const) {
      const { body, header } = await get(path, { ...headers, accept: BROWSER })
      expect(header('content-encoding')).toBe(expected)
      const decoded = expected === null ? body : decode(expected, body)
      expect(Buffer.from(decoded).toString()).toBe(content)
      expect(header('vary')).toBe(path === '/' ? 'Accept, Accept-Encoding' : 'Accept-Encoding')
    }
  })

  it.each([
    ['/assets/nope.js', 404],
    ['/assets/nope', 404],
    ['/assets', 404],
    ['/assets/index-Abc123.js.br', 404],
    ['/assets/notes.txt', 404],
    ['/assets/index-Old456.js', 404],
    ['/manifest.json', 404],
    ['/assets/__proto__', 404],
    ['/assets/../index.html', 404],
    ['/assets/%2e%2e%2findex.html', 404],
    ['/assets/..%2f..%2fpackage.json', 404],
    ['/notes.txt', 404],
    ['/index.html', 404],
    ['/favicon.ico', 404],
  ])('is nothing else: %s', async (path, status) => {
    const told = await get(path)
    expect([told.status, told.header('content-type')?.includes('html')]).toEqual([status, false])
  })

  it('counts for no limit of clients, as a page loads many at once', async () => {
    const limited = fakeApp({ page, rateLimitPerMinute: 3, streamsPerAddress: 1 })
    const ask = async (path: string): Promise<number> => (await limited.request(path)).status
    const assets = Array.from({ length: 10 }, () => '/assets/index-Abc123.js')
    expect(await Promise.all(assets.map(ask))).toEqual(assets.map(() => 200))
    expect([await ask('/'), await ask('/'), await ask('/'), await ask('/')]).toEqual([
      200, 200, 200, 429,
    ])
    expect(await ask('/assets/index-Abc123.js')).toBe(200)
  })

  it('is counted as one route, whatever its name', async () => {
    await get('/assets/index-Abc123.js')
    const metrics = (await get('/metrics')).text
    expect(metrics).toContain(
      'http_requests_total{route="/assets/:file",method="GET",status="200"}',
    )
  })
})

describe('a path that no route has', () => {
  it.each(['/nothing', '/channel/x/2024', '/channel/x/2024/1/2/3/4', '/some/deep/place'])(
    'is the page for a browser, as rustlog has it, and a 404 for all others: %s (1.2)',
    async (path) => {
      for (const method of ['GET', 'HEAD']) {
        const shown = await get(path, { accept: BROWSER }, { method })
        expect([shown.status, shown.text]).toEqual([200, method === 'GET' ? INDEX : ''])
        expect(shown.header('content-type')).toBe('text/html; charset=utf-8')
        expect(shown.header('cache-control')).toBe('no-cache')
        expect(shown.header('content-security-policy')).toContain("script-src 'self'")
      }
      for (const accept of ['*/*', 'application/json', 'text/plain, */*']) {
        const told = await get(path, { accept })
        expect([told.status, told.header('content-type')]).toEqual([
          404,
          'application/problem+json',
        ])
      }
      const posted = await get(path, { accept: BROWSER }, { method: 'POST' })
      expect([posted.status, posted.header('content-type')]).toEqual([
        404,
        'application/problem+json',
      ])
    },
  )

  it.each([
    ['/foo/bar', 400],
    ['/channel/x/2024/1', 400],
    ['/x.png', 404],
    ['/channel/x.y/2024', 404],
    ['/admin/nothing', 403],
    ['/api/v3/nothing', 404],
    ['/user/2', 404],
    ['/user/2/nothing', 404],
    ['/assets/a/b', 404],
  ])('of the API is never HTML, also for a browser: %s is a %i', async (path, status) => {
    const { status: told, header } = await get(path)
    expect([told, header('content-type')?.includes('html')]).toEqual([status, false])
  })

  it('and every answer to a program is no HTML, whatever it asks (S1)', async () => {
    const segment = fc.oneof(
      fc.constantFrom('channel', 'user', 'assets', 'index.html', 'x', '..', '%2e', '2024'),
      fc.string().map((text) => encodeURIComponent(text.toWellFormed())),
    )
    const path = fc.array(segment, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`)
    const accept = fc.constantFrom('*/*', 'application/json', 'text/html;q=0.1, application/json')
    await fc.assert(
      fc.asyncProperty(path, accept, async (asked, accepted) => {
        const { status, header } = await get(asked, { accept: accepted })
        expect([asked, status < 500]).toEqual([asked, true])
        expect([asked, header('content-type')?.includes('html') ?? false]).toEqual([asked, false])
      }),
      { numRuns: 200 },
    )
  })
})

describe('a page that is read', () => {
  it('is none where nothing is built', async () => {
    expect(await readPage(join(dir, 'nowhere'))).toBeUndefined()
    expect(await readPage(join(dir, 'assets'))).toBeUndefined()
  })

  it('is no more than what its build has made, whatever an earlier one left (S1)', async () => {
    expect([...(page?.assets.keys() ?? [])].toSorted()).toEqual([
      'icon-Abc123.svg',
      'index-Abc123.css',
      'index-Abc123.js',
    ])
  })

  it.each([
    ['a file that is not there', { file: 'assets/gone.js' }, /ENOENT/],
    ['a file of another folder', { file: '../package.json' }, /Invalid string/],
    ['too many bytes', { file: 'assets/index-Old456.js' }, /more than 20000000 bytes/],
  ])('is refused when its manifest names %s', async (_what, chunk, problem) => {
    const other = mkdtempSync(join(tmpdir(), 'page-'))
    cpSync(dir, other, { recursive: true })
    writeFileSync(join(other, 'manifest.json'), JSON.stringify({ other: chunk }))
    await expect(readPage(other)).rejects.toThrow(problem)
    rmSync(other, { recursive: true })
  })
})

function decode(encoding: string, body: Uint8Array): Uint8Array {
  const decoder = Object.entries(DECODERS).find(([name]) => name === encoding)?.[1]
  if (decoder === undefined) throw new Error(`no decoder of ${encoding}`)
  return decoder(body)
}
