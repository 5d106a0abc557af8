import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { Finding } from './target.ts'

const fields = z.array(z.tuple([z.string(), z.string()]))
const schema = z.strictObject({
  target: z.string(),
  seed: z.number(),
  iteration: z.number(),
  wrong: z.string(),
  note: z.string(),
  vouched: z.array(fields),
  /** base64; `shown` is for people */
  bytes: z.string(),
  shown: z.string(),
})

const SHOWN = 2000

/** Keeps a finding as a file that alone shows it again. @returns where */
export function keepFinding(folder: string, { input, ...finding }: Finding): string {
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, `${finding.target}-${finding.seed}-${finding.iteration}.finding.txt`)
  const { bytes, vouched, note } = input
  const kept: z.infer<typeof schema> = {
    ...finding,
    note,
    vouched: vouched.map((each) => each.map(([name, text]) => [name, text])),
    shown: bytes.toString('utf8').slice(0, SHOWN),
    bytes: bytes.toString('base64'),
  }
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`)
  return file
}

/** @throws Error when the file is no finding */
export function keptFinding(file: string): Finding {
  const { bytes, vouched, note, shown: _shown, ...finding } = schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  return { ...finding, input: { bytes: Buffer.from(bytes, 'base64'), vouched, note } }
}
