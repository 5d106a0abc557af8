// Adds up vitest's JSON reports, given as arguments, in one line: `12 passed, 0 failed`.
import { existsSync, readFileSync } from 'node:fs'

const reports = process.argv.slice(2).filter((file) => existsSync(file))
const counts = reports.map((file) => JSON.parse(readFileSync(file, 'utf8')))
const sum = (name) => counts.reduce((total, report) => total + report[name], 0)
const skipped = sum('numPendingTests') + sum('numTodoTests')

console.log(
  `${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
)
process.exitCode = sum('numPassedTests') > 0 ? 0 : 1
