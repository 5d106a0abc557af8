// Checks the licence of every package that the lock file names: what is shipped with the image and the package may only
// have licences that ask for nothing but a notice; what is used for tests and building may have a few more. With --list
// it prints them. Another argument names another folder.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const listing = process.argv.includes('--list')
const folder = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? join(import.meta.dirname, '..')
const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))

const SHIPPED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT']
const DEVELOPMENT = [...SHIPPED, 'MPL-2.0', 'Python-2.0', 'Unlicense']

/** Packages that say it in a form of their own; read in their LICENSE files. */
const READ_BY_HAND = { buildcheck: 'MIT', 'cpu-features': 'MIT', ssh2: 'MIT' }

const { '': _root, ...installed } = packages
const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

function licenceOf(path, { license }) {
  const name = nameOf(path)
  return license ?? READ_BY_HAND[name] ?? fromPackage(path) ?? fromSibling(name)
}

function fromPackage(path) {
  const file = join(folder, path, 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).license : undefined
}

/** One program for several platforms is one work: `x-darwin-arm64` is as `x-linux-arm64` is. */
function fromSibling(name) {
  const [, stem] = /^(.*?)darwin-(?:arm64|x64)$/.exec(name) ?? []
  if (stem === undefined) return undefined
  return Object.entries(installed).find(
    ([path, { license }]) => license && nameOf(path).startsWith(`${stem}linux-`),
  )?.[1].license
}

/** An SPDX expression: of `OR` one must be allowed, of `AND` each; brackets only around the whole. */
function isAllowed(expression, allowed) {
  const bare = expression.replace(/^\((.*)\)$/, '$1')
  if (/[()]/.test(bare)) return false
  return bare.split(' OR ').some((choice) => choice.split(' AND ').every((one) => allowed.includes(one.trim())))
}

const rows = Object.entries(installed).map(([path, entry]) => {
  const licence = licenceOf(path, entry)
  const allowed = entry.dev ? DEVELOPMENT : SHIPPED
  const isFine = typeof licence === 'string' && isAllowed(licence, allowed)
  return {
    path,
    name: nameOf(path),
    version: entry.version,
    use: entry.dev ? 'development' : 'shipped',
    licence,
    isFine,
  }
})

if (listing) for (const { name, version, use, licence } of rows) console.log([use, licence, name, version].join('\t'))
for (const { path, use, licence } of rows.filter(({ isFine }) => !isFine)) {
  console.error(`${path}: ${use}, and its licence is not one of those allowed: ${JSON.stringify(licence ?? 'none')}`)
}
process.exitCode = rows.every(({ isFine }) => isFine) ? 0 : 1
