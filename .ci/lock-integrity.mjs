// Checks that package-lock.json lets nobody slip a package in: every package has a SHA-512 of its content, is the one
// that is asked for, comes from npm's own registry (or from whichever the installing machine names), and runs no script
// that package.json does not decide about. An argument names another folder.
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

/** All that npm writes of a package. What else stands there it would believe: of `scripts` it runs what they say. */
const FIELDS = new Set(
  (
    'name version resolved integrity license funding deprecated hasInstallScript bin dev optional devOptional peer ' +
    'dependencies optionalDependencies peerDependencies peerDependenciesMeta engines os cpu libc'
  ).split(' '),
)

/** Some package asks for another one under a name of its own: `npm:real@^1.0.0`. */
const isAlias = (path, name) =>
  Object.values(installed).some(({ dependencies: wanted, optionalDependencies: optional }) =>
    [wanted, optional].some((each) => each?.[nameOf(path)]?.startsWith(`npm:${name}@`)),
  )

const addressOf = (name, version) => `${REGISTRY}${name}/-/${name.slice(name.lastIndexOf('/') + 1)}-${version}.tgz`

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
  const { name = nameOf(path), version, integrity, resolved, link, hasInstallScript } = entry
  if (link) {
    yield `${path}: a link out of the project`
    return
  }
  for (const field of Object.keys(entry)) if (!FIELDS.has(field)) yield `${path}: npm does not write ${field} there`
  if (name !== nameOf(path) && !isAlias(path, name)) yield `${path}: is ${name}, and nobody asks for that`
  if (resolved !== undefined && resolved !== addressOf(name, version)) {
    yield `${path}: does not come from npm's registry, or is another package there`
  }
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
