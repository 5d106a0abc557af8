// `node test/schemas/documents.ts --write` writes docs/schemas/ anew from the code (then format them: `npm run format`);
// without it, it tells whether they are current.
import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { type JsonSchema, refundEventSchema, refundSchema } from '../../src/package/schemas.ts'

const FOLDER = new URL('../../docs/schemas/', import.meta.url)

/** Each published schema, by its file. */
export const documents: Readonly<Record<string, JsonSchema>> = {
  'refund.schema.json': refundSchema,
  'refund-event.schema.json': refundEventSchema,
}

export function standing(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))
}

if (import.meta.main) {
  for (const [file, schema] of Object.entries(documents)) {
    if (process.argv.includes('--write')) writeFileSync(new URL(file, FOLDER), `${JSON.stringify(schema, null, 2)}\n`)
    const current = isDeepStrictEqual(standing(file), schema)
    process.stdout.write(`docs/schemas/${file} is ${current ? '' : 'not '}current\n`)
    if (!current) process.exitCode = 1
  }
}
