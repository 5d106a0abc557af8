import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { parseSync, Visitor } from 'oxc-parser'

/** Every file of ours with what it imports of ours: paths relative to the root, types and `import()` included. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

const scanned = '{src,config,workers,bench,test}/**/*.{ts,mts,mjs,js}'

/** Reads the imports of all files under the root. An import that cannot be followed is a fault. */
export function readImports(root: string): { readonly graph: ImportGraph; readonly faults: readonly string[] } {
  const files = new Set(globSync(scanned, { cwd: root }))
  const faults: string[] = []
  const targetsOf = (file: string): string[] => {
    const names = importsOf(file, readFileSync(join(root, file), 'utf8'))
    if (names.includes(undefined)) faults.push(`${file}: an import() whose target is computed cannot be checked`)
    const ours = names.filter((name) => name?.startsWith('.') === true && !name.endsWith('.json'))
    const targets = ours.map((name) => join(dirname(file), String(name)))
    faults.push(
      ...targets.filter((target) => !files.has(target)).map((target) => `${file}: ${target} is no file of ours`),
    )
    return targets.filter((target) => files.has(target))
  }
  const graph = new Map([...files].map((file) => [file, targetsOf(file)]))
  return { graph, faults }
}

/** The named targets, in order of appearance; undefined for a computed one. */
function importsOf(file: string, code: string): (string | undefined)[] {
  const { program, errors } = parseSync(file, code)
  const [error] = errors
  if (error !== undefined) throw new Error(`${file}: ${error.message}`)
  const names: (string | undefined)[] = []
  const note = ({ source }: { readonly source: object | null }): void => {
    if (source === null) return
    names.push('value' in source && typeof source.value === 'string' ? source.value : undefined)
  }
  new Visitor({
    ImportDeclaration: note,
    ExportNamedDeclaration: note,
    ExportAllDeclaration: note,
    ImportExpression: note,
    TSImportType: note,
  }).visit(program)
  return names
}
