// Stores a file of so many bytes at a server that keeps nothing, and prints how much memory that took.
import { createHash } from 'node:crypto'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openObjectStore } from '../src/index.ts'

const sizeBytes = Number(process.argv[2])
const sent = { parts: 0, bytes: 0 }
let md5 = ''

const LIST = '<ListBucketResult></ListBucketResult>'
const CREATED =
  '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>'
const COMPLETED = '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>'

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash('md5')
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) continue
    hash.update(chunk)
    if (request.method === 'PUT') sent.bytes += chunk.byteLength
  }
  if (request.method === 'PUT') {
    sent.parts += 1
    const isRight = hash.digest('base64') === request.headers['content-md5']
    response.writeHead(isRight ? 200 : 400, { etag: '"e"' }).end()
  } else if (request.method === 'POST') {
    const isCreate = request.url?.includes('uploads') === true
    if (isCreate) md5 = String(request.headers['x-amz-meta-md5'])
    response.end(isCreate ? CREATED : COMPLETED)
  } else if (request.headers.range === undefined) response.end(LIST)
  else {
    const headers = { 'content-range': `bytes 0-0/${sizeBytes}`, 'x-amz-meta-md5': md5 }
    response.writeHead(206, headers).end('x')
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy())
})
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve)
})
const address = server.address()
if (address === null || typeof address === 'string') throw new Error('no port')
const dir = await mkdtemp(join(tmpdir(), 'poglog-body-'))
try {
  const path = join(dir, 'body')
  await writeFile(path, '')
  await truncate(path, sizeBytes)
  const store = await openObjectStore({
    url: 's3://logs',
    endpoint: `http://127.0.0.1:${address.port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  })
  const before = process.memoryUsage.rss()
  await store.put('a', { path, sizeBytes })
  const grownBytes = process.resourceUsage().maxRSS * 1024 - before
  process.stdout.write(JSON.stringify({ ...sent, grownBytes }))
  await store.close()
} finally {
  await rm(dir, { recursive: true })
  server.close()
  server.closeAllConnections()
}
