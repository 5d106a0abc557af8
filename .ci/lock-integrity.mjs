// Checks that package-lock.json lets nobody slip a package in: every package has a SHA-512 of its content, comes from
// npm's own registry (or from whichever the installing machine names), and runs no script that package.json does not
// decide about. An argument names another folder.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2] ?? join(import.meta.dirname, '..')
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const { lockfileVersion, packages } = read('package-lock.json')
const { dependencies = {}, devDependencies = {}, allowScripts = {} } = read('package.json')

const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/
const REGISTRY = 'https://registry.npmjs.org/'
const { '': root = {}, ...installed } = packages

/** Packages for macOS are entered by lock-platforms.mjs where the registry that was asked has none: without a hash. */
const isOfAnotherPlatform = (path, { version, os, optional }) =>
  optional === true &&
  os?.length === 1 &&
  os[0] === 'darwin' &&
  Object.values(installed).some((each) => each.optionalDependencies?.[nameOf(path)] === version)

const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** What package.json and the lock file must agree on. */
function* pinFaults() {
  for (const [kind, wanted] of Object.entries({ dependencies, devDependencies })) {
    for (const [name, version] of Object.entries(wanted)) {
      if (!/^\d+\.\d+\.\d+$/.test(version)) yield `${name}: package.json must name one version, not ${version}`
      if (root[kind]?.[name] !== version) yield `${name}: package.json wants ${version}, the lock file another`
    }
  }
}

function* entryFaults([path, entry]) {
  const { integrity, resolved, link, hasInstallScript } = entry
  if (link) yield `${path}: a link out of the project`
  if (resolved !== undefined && !resolved.startsWith(REGISTRY)) yield `${path}: does not come from npm's registry`
  if (hasInstallScript && allowScripts[nameOf(path)] === undefined) {
    yield `${path}: has an install script, and allowScripts of package.json says neither yes nor no`
  }
  if (integrity === undefined && isOfAnotherPlatform(path, entry)) return
  if (!SHA512.test(integrity ?? '')) yield `${path}: no SHA-512 of its content`
}

function* faults() {
  if (lockfileVersion !== 3) yield `lockfileVersion is ${lockfileVersion}, expected 3`
  yield* pinFaults()
  for (const entry of Object.entries(installed)) yield* entryFaults(entry)
}

const found = [...faults()]
for (const fault of found) console.error(`package-lock.json: ${fault}`)
process.exitCode = found.length === 0 ? 0 : 1
