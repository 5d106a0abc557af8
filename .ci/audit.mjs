// Asks the registry which packages of the lock file have known weaknesses. Not every registry answers that, so it is no
// part of the tests: exit code 0 nothing known, 1 something is, 2 nobody could be asked. Arguments go on to `npm audit`,
// as in `npm run audit -- --omit=dev`.
import { spawnSync } from 'node:child_process'

const { stdout, error } = spawnSync('npm', ['audit', '--json', ...process.argv.slice(2)], { encoding: 'utf8' })
const report = error === undefined ? parsed(stdout) : undefined
const severities = report?.metadata?.vulnerabilities

if (severities === undefined) {
  const why = error?.code ?? report?.statusCode ?? report?.error?.code
  console.error(`audit: COULD NOT ASK: the registry gives no audit report${why ? ` (${why})` : ''}. Nothing is known.`)
  console.error('audit: another registry may: npm run audit -- --registry=URL')
  process.exitCode = 2
} else {
  for (const { name, severity, range, fixAvailable } of Object.values(report.vulnerabilities)) {
    const remedy = fixAvailable ? 'a newer version mends it' : 'no mended version'
    console.log(`${severity}\t${name}\t${range}\t${remedy}`)
  }
  const { dependencies } = report.metadata
  console.log(`audit: ${severities.total} packages with known weaknesses, of ${dependencies?.total ?? 'all'}`)
  process.exitCode = severities.total === 0 ? 0 : 1
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
