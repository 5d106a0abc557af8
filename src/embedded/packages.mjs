// Plain JavaScript without imports of packages: this runs before anything is installed, on Node 20 too.

/**
 * Tells why `npm install` must run before the project can, or undefined when what is installed fits the lock file.
 *
 * npm keeps `node_modules/.package-lock.json`, its own list of what it put there. File times say nothing after a
 * checkout, so the two lists are compared. Packages for other platforms are optional and rightly absent.
 *
 * @param {unknown} lock the parsed package-lock.json
 * @param {unknown} installed the parsed node_modules/.package-lock.json, undefined when there is none
 * @returns {string | undefined}
 */
export function installReason(lock, installed) {
  if (installed === undefined) return 'no packages are installed'
  const present = packagesOf(installed)
  for (const [path, wanted] of Object.entries(packagesOf(lock))) {
    if (path === '') continue
    const found = present[path]
    if (found === undefined && wanted.optional !== true) return `${path} is missing`
    if (found !== undefined && found.version !== wanted.version) {
      return `${path} is ${found.version}, the lock file says ${wanted.version}`
    }
  }
  return undefined
}

/**
 * @param {unknown} lock
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packagesOf(lock) {
  const { packages } = /** @type {{ packages?: Record<string, { version?: string, optional?: boolean }> }} */ (lock)
  return packages ?? {}
}
