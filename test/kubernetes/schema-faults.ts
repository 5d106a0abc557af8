import { fileURLToPath } from 'node:url'
import { Project, ts } from 'ts-morph'
import { z } from 'zod'
import type { Document } from './documents.ts'

const header = z.looseObject({ apiVersion: z.string(), kind: z.string() })

const inThisFolder = (file: string) => fileURLToPath(new URL(file, import.meta.url))

const project = new Project({
  skipAddingFilesFromTsConfig: true,
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    types: [],
  },
})
project.addSourceFileAtPath(inThisFolder('kinds.ts'))

/** `apiVersion kind` */
export function kindOf({ content }: Document): string {
  const { apiVersion, kind } = header.parse(content)
  return `${apiVersion} ${kind}`
}

/**
 * Holds documents against the published types of the Kubernetes API: each is written down as a literal of its kind, so
 * that a field which is unknown, missing or of another type is a fault, as is a kind which is not known.
 *
 * @returns one line a fault, with its file
 */
export function schemaFaults(documents: readonly Document[]): string[] {
  const sources = documents.map((document, index) => {
    const lines = [
      `import type { Kinds } from './kinds.ts'`,
      `export const document: Kinds[${JSON.stringify(kindOf(document))}] = ${JSON.stringify(document.content, null, 1)}`,
    ]
    return project.createSourceFile(inThisFolder(`document-${index}.ts`), lines.join('\n'), { overwrite: true })
  })
  const faults = sources.flatMap((source, index) =>
    source.getPreEmitDiagnostics().map((diagnostic) => {
      const message = ts.flattenDiagnosticMessageText(diagnostic.compilerObject.messageText, ' ')
      return `${documents[index]?.file}: ${message}`
    }),
  )
  for (const source of sources) project.removeSourceFile(source)
  return faults
}
