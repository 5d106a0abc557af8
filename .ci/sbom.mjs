// Prints a CycloneDX bill of materials of what is shipped. `npm sbom --omit=dev` leaves out what is shipped and also
// wanted by a package for development (npm 11.19), so the whole bill is taken, and what is for development alone dropped.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '..')
const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
const shipped = new Set(
  Object.entries(packages).flatMap(([path, { name = nameOf(path), version, dev }]) =>
    path === '' || dev ? [] : [`${name}@${version}`],
  ),
)

const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx']
const { stdout, stderr, status } = spawnSync('npm', args, {
  cwd: folder,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
})
if (status === 0) {
  const { components, dependencies, ...bill } = JSON.parse(stdout)
  const isShipped = (ref) => shipped.has(ref)
  const own = bill.metadata.component['bom-ref']
  console.log(
    JSON.stringify(
      {
        ...bill,
        components: components.filter((each) => isShipped(each['bom-ref'])),
        dependencies: dependencies
          .filter(({ ref }) => ref === own || isShipped(ref))
          .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(isShipped) })),
      },
      null,
      2,
    ),
  )
} else {
  console.error(stderr)
  process.exitCode = 1
}
