import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

export const FOLDER = 'deploy/kubernetes'
const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Document {
  /** path in deploy/kubernetes/ */
  readonly file: string
  readonly content: unknown
}

export const files: readonly string[] = globSync('**/*.yaml', { cwd: `${root}${FOLDER}` }).toSorted()

export const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8')

/** Kubernetes reads YAML 1.1, in which 0440 is octal and `on` is true. @throws Error when it is no such text */
export function documentsIn(file: string, text: string): readonly Document[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => {
    const [error] = document.errors
    if (error) throw new Error(`${file}: ${error.message}`)
    return { file, content: document.toJS() }
  })
}

export const documents: readonly Document[] = files.flatMap((file) => documentsIn(file, read(`${FOLDER}/${file}`)))
