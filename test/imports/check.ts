// `node test/imports/check.ts`: exit code 1, and a line for each import that rules.ts does not allow and each circle.
import { fileURLToPath } from 'node:url'
import { circleFaults, ruleFaults } from './faults.ts'
import { readImports } from './graph.ts'
import { mayImport } from './rules.ts'

const { graph, faults } = readImports(fileURLToPath(new URL('../../', import.meta.url)))
const all = [...faults, ...ruleFaults(graph, mayImport), ...circleFaults(graph)]
for (const fault of all) process.stderr.write(`${fault}\n`)
process.stdout.write(`${graph.size} files, ${all.length} faults in their imports\n`)
process.exitCode = all.length === 0 ? 0 : 1
