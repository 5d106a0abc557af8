import { globSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../../docs/examples/', import.meta.url)

/** The golden jobs or events of docs/examples, each with its file. */
export function examples(kind: 'refund' | 'event'): readonly { readonly file: string; readonly data: object }[] {
  const files = globSync(`${kind}.*.json`, { cwd: FOLDER }).toSorted()
  return files.map((file) => ({ file, data: JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) }))
}
