import { readFileSync } from 'node:fs'
import { pathOf } from '../e2e/worker-process.ts'

/** One line of a ```sh block, and the heading that it stands under. */
export interface Command {
  readonly section: string
  readonly line: string
}

export interface Runbook {
  readonly text: string
  readonly headings: readonly string[]
  /** in the order of the page */
  readonly commands: readonly Command[]
  /** the lines of ```text blocks: what commands print */
  readonly shown: readonly string[]
}

export function readRunbook(path = pathOf('docs/runbook.md')): Runbook {
  const text = readFileSync(path, 'utf8')
  const headings: string[] = []
  const commands: Command[] = []
  const shown: string[] = []
  let block: string | undefined
  for (const line of text.split('\n')) {
    const fence = /^```(\w*)/.exec(line)
    if (fence) block = block === undefined ? (fence[1] ?? '') : undefined
    else if (block === 'sh') commands.push({ section: headings.at(-1) ?? '', line })
    else if (block === 'text' && line.trim() !== '') shown.push(line)
    else if (block === undefined && /^#{1,4} /.test(line)) headings.push(line.replace(/^#+ /, ''))
  }
  return { text, headings, commands, shown }
}

/** The anchor that a heading gets, as code hosts make it. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}

/**
 * The words of a command line, as a shell would hand them on: quotes, and no more, since a runbook that needs more of a
 * shell is too clever for the night.
 *
 * @throws when something else than refundctl is called, or a shell would do more than split the line
 */
export function wordsOf(line: string): readonly string[] {
  const bare = line.replaceAll(/"[^"$`\\]*"/g, '')
  if (/["'$`\\|&;<>()*?#]/.test(bare)) throw new Error(`not a plain command: ${line}`)
  const words = [...line.matchAll(/(?:"[^"]*"|[^\s"])+/g)].map(([word]) => word.replaceAll('"', ''))
  const [program, ...rest] = words
  if (program !== 'refundctl') throw new Error(`not a command of refundctl: ${line}`)
  return rest
}

/** A line of output without what differs from night to night: numbers, times, ages, names, the width of columns. */
export function withoutChance(line: string): string {
  return line
    .replaceAll(/\b(?:\d+[dhms])+\b/g, 'AGE')
    .replaceAll(/\d[\d,.:TZ-]*/g, '0')
    .replaceAll(/in AGE|due now|\bnow$/g, 'NEXT')
    .replaceAll(/\S+@\S+/g, 'WHO')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
