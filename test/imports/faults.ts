import type { ImportGraph } from './graph.ts'

/** Imports that the rules do not allow, one line each. */
export function ruleFaults(graph: ImportGraph, rules: Readonly<Record<string, readonly string[]>>): string[] {
  return [...graph].flatMap(([file, targets]) => {
    const folder = longestMatch(file, Object.keys(rules))
    if (folder === undefined) return [`${file}: its folder has no line in test/imports/rules.ts`]
    const allowed = [folder, ...(rules[folder] ?? [])]
    return targets
      .filter((target) => !allowed.some((place) => isIn(target, place)))
      .map((target) => `${file}: ${folder} may not import ${target}`)
  })
}

/** Import circles, one line for each way around that a walk of the graph meets. */
export function circleFaults(graph: ImportGraph): string[] {
  const faults: string[] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): void => {
    const at = path.indexOf(file)
    if (at !== -1) faults.push(`import circle: ${[...path.slice(at), file].join(' -> ')}`)
    if (at !== -1 || done.has(file)) return
    path.push(file)
    for (const target of graph.get(file) ?? []) visit(target)
    path.pop()
    done.add(file)
  }
  for (const file of graph.keys()) visit(file)
  return faults
}

function longestMatch(file: string, places: readonly string[]): string | undefined {
  return places.filter((place) => isIn(file, place)).toSorted((a, b) => b.length - a.length)[0]
}

/** A place is a folder, or a file without its ending. */
function isIn(file: string, place: string): boolean {
  return file.startsWith(`${place}/`) || file.startsWith(`${place}.`)
}
