// `node test/config/merchants-document.ts --write` writes docs/schemas/merchants.schema.json anew from the code (then
// format it: `npm run format`).
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { merchantsFileSchema } from '../../config/merchants-schema.ts'

const FILE = new URL('../../docs/schemas/merchants.schema.json', import.meta.url)

/** JSON Schema of `MERCHANTS_FILE`; what only code can say (a port, a real URL, a key) is checked when it is loaded. */
export const merchantsDocument = {
  $id: 'urn:lianlian-refund-worker:merchants:1',
  title: 'Merchants',
  description: 'The content of MERCHANTS_FILE, see docs/merchants.md.',
  ...z.toJSONSchema(merchantsFileSchema, { target: 'draft-2020-12', io: 'input' }),
}

export const standing = (): unknown => JSON.parse(readFileSync(FILE, 'utf8'))

if (import.meta.main && process.argv.includes('--write')) {
  writeFileSync(FILE, `${JSON.stringify(merchantsDocument, null, 2)}\n`)
}
