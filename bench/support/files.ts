import { readFile, writeFile } from 'node:fs/promises'
import type { Result } from './results.ts'
import { markdownTable } from './table.ts'

const RESULTS = new URL('../results.json', import.meta.url)
const DOCUMENT = new URL('../../docs/performance.md', import.meta.url)
const [BEGIN, END] = ['<!-- results: begin -->', '<!-- results: end -->']

/** @param file default: `bench/results.json` */
export async function writeResults(results: readonly Result[], file: string | URL = RESULTS): Promise<void> {
  await writeFile(file, `${JSON.stringify(results, undefined, 2)}\n`)
}

/** Puts the table of the last results between the marks of the page. */
export async function writeDocument(): Promise<void> {
  const results: Result[] = JSON.parse(await readFile(RESULTS, 'utf8'))
  const page = await readFile(DOCUMENT, 'utf8')
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (from === -1 || to === -1) throw new Error('docs/performance.md has lost its marks')
  await writeFile(DOCUMENT, `${page.slice(0, from + BEGIN.length)}\n\n${markdownTable(results)}\n\n${page.slice(to)}`)
}
