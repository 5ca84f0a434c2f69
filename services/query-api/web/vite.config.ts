import { defineConfig } from 'vite'
import { compression, defineAlgorithm } from 'vite-plugin-compression2'

/** Where `npm start` listens; the page of `vite` asks there. */
const API = 'http://127.0.0.1:8025'
const API_PATHS = ['/channel', '/user', '/admin', '/optout', '/list', '/docs', '/openapi.json']
/** Below this a file gets no smaller. */
const COMPRESSED_BYTES_MIN = 512

export default defineConfig({
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // Says which files belong to this build: those of an earlier one may lie beside them.
    manifest: 'manifest.json',
  },
  plugins: [
    compression({
      algorithms: [defineAlgorithm('brotliCompress'), defineAlgorithm('gzip')],
      threshold: COMPRESSED_BYTES_MIN,
    }),
  ],
  server: { proxy: Object.fromEntries(API_PATHS.map((path) => [path, API])) },
})
