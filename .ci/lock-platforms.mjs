// Completes package-lock.json with the packages that only macOS installs.
//
// npm writes a platform's package into the lock file only when the registry that it asked serves it, and never installs
// one that the lock file lacks (npm/cli#4828): a lock file made behind a registry that keeps Linux packages alone
// leaves macOS without a formatter and a linter. Run without arguments after adding or updating packages; with --check
// it only tells what is missing.
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))

const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {}, dev }]) =>
  Object.entries(optionalDependencies).flatMap(([name, version]) => {
    const [, os, cpu] = /(?:^|[-/])(darwin)-(arm64|x64)$/.exec(name) ?? []
    const isThere = [`node_modules/${name}`, `${path}/node_modules/${name}`].some((place) => place in lock.packages)
    if (os === undefined || isThere) return []
    return [[`node_modules/${name}`, { version, cpu: [cpu], ...(dev ? { dev } : {}), optional: true, os: [os] }]]
  }),
)

if (process.argv[2] === '--check') {
  for (const [path] of missing) console.error(`package-lock.json lacks ${path}: run node .ci/lock-platforms.mjs`)
  process.exitCode = missing.length === 0 ? 0 : 1
} else if (missing.length > 0) {
  const [root, ...others] = Object.entries(lock.packages)
  const packages = [...others, ...missing].toSorted(([a], [b]) => a.localeCompare(b, 'en'))
  lock.packages = Object.fromEntries([root, ...packages])
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
}
