// First start on a machine that has no more than Node 20 and npm:
//
//   node src/embedded/bootstrap.mjs FILE [ARGUMENT...]           runs a file of this project
//   node src/embedded/bootstrap.mjs --run SCRIPT [ARGUMENT...]   runs a script of package.json
//
// Installs the packages when they are missing or do not fit the lock file, then runs the target under Node 24, which
// comes as the package `node`. Arguments, exit code and signals pass through. Plain JavaScript, no packages.
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installReason } from './packages.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const binaries = join(root, 'node_modules', '.bin')
const leastNode = 24
/** A terminal's Ctrl-C reaches us from the terminal and from npm: within this time it is one wish, not two. */
const sameSignalMs = 300

process.exitCode = main(process.argv.slice(2))

/** @param {string[]} wish @returns {number} the exit code so far; a running target sets its own */
function main(wish) {
  const [first, ...rest] = wish
  if (first === undefined || (first === '--run' && rest.length === 0)) {
    return complain('usage: node src/embedded/bootstrap.mjs FILE [ARGUMENT...] | --run SCRIPT [ARGUMENT...]')
  }
  const fault = install()
  if (fault !== undefined) return complain(fault)
  const node = [join(binaries, 'node'), process.execPath].find((file) => majorOf(file) >= leastNode)
  if (node === undefined) {
    return complain(
      `Node ${leastNode} is needed, and npm did not install it (install scripts may be off): install Node ${leastNode} and start again`,
    )
  }
  if (first === '--run') runScript(node, rest)
  else run(node, [first, ...rest], { wholeGroup: false })
  return 0
}

/** @returns {string | undefined} what went wrong */
function install() {
  const lock = readJson(join(root, 'package-lock.json'))
  if (lock === undefined) return 'package-lock.json cannot be read'
  const reason = installReason(lock, readJson(join(root, 'node_modules', '.package-lock.json')))
  if (reason === undefined) return undefined
  process.stderr.write(`installing packages: ${reason} (takes a minute)\n`)
  // Not `npm ci`: it fails where the registry lacks packages for other platforms. `--no-save` leaves the lock file alone.
  const [command, ...before] = npm(process.execPath)
  const flags = ['--no-save', '--no-audit', '--no-fund', '--progress=false', '--loglevel=error']
  const done = spawnSync(command, [...before, 'install', ...flags], { cwd: root, stdio: ['ignore', 2, 2] })
  if (done.error !== undefined) return `npm cannot be started: ${done.error.message}`
  return done.status === 0 ? undefined : 'npm install failed, see above'
}

/** @param {string} node @param {string[]} script name and arguments */
function runScript(node, [name, ...args]) {
  const [command, ...before] = npm(node)
  run(command, [...before, 'run', String(name), ...(args.length > 0 ? ['--', ...args] : [])], { wholeGroup: true })
}

/**
 * Starts the target in a process group of its own, so that it gets a signal once, from here, and not also from the
 * terminal: a worker takes a second one as the wish to end at once.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ wholeGroup: boolean }} signals to the whole group (npm and its tools) or to the target alone
 */
function run(command, args, { wholeGroup }) {
  const env = { ...process.env, PATH: [binaries, process.env.PATH].filter(Boolean).join(delimiter) }
  const child = spawn(command, args, { stdio: 'inherit', detached: true, env })
  const heard = new Map()
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    const now = performance.now()
    const again = now - (heard.get(signal) ?? Number.NEGATIVE_INFINITY) < sameSignalMs
    if (again || child.pid === undefined) return
    heard.set(signal, now)
    try {
      process.kill(wholeGroup ? -child.pid : child.pid, signal)
    } catch {
      // It has just ended; its exit is on the way.
    }
  }
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])
  for (const signal of signals) process.on(signal, forward)
  child.on('error', (error) => {
    process.exitCode = complain(`${command} cannot be started: ${error.message}`)
  })
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, forward)
    if (signal === null) process.exitCode = code ?? 1
    else process.kill(process.pid, signal)
  })
}

/** @param {string} node @returns {[string, ...string[]]} the npm that started us, run by that node, else the one on PATH */
function npm(node) {
  const file = process.env.npm_execpath
  return file !== undefined && basename(file) === 'npm-cli.js' ? [node, file] : ['npm']
}

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** @param {string} node @returns {number} 0 when it does not run here */
function majorOf(node) {
  const { status, stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return status === 0 ? Number.parseInt(stdout.slice(1), 10) : 0
}

/** @param {string} line */
function complain(line) {
  process.stderr.write(`${line}\n`)
  return 1
}
