import { FINAL_STATES, HOLD_REASONS, OPEN_STATES, STATES } from '../../src/refund/record.ts'
import type { Seen } from './sight.ts'
import { type Contradicted, type Held, type Walk, type Way, walk } from './walk.ts'
import { GROUPS, HOLD_WORDS, STATE_WORDS } from './words.ts'

const WHO = ['job', 'look', 'answer', 'query', 'notice', 'operator'] as const

/** The part of the page that comes from the code. */
export function statesPage({ ways, holds, contradictions }: Walk = walk()): string {
  return [
    '## The way of a refund',
    '',
    ...diagram(ways.filter((way) => !isRare(way))),
    '',
    ...table(['From', 'To', 'On what, and who says it'], wayRows(ways.filter((way) => !isRare(way)))),
    '',
    '## Rarer ways',
    '',
    ...table(['What is seen', 'From', 'To'], rareRows(ways.filter(isRare))),
    '',
    '## States',
    '',
    ...table(
      ['State', 'Meaning', 'Goes on to'],
      STATES.map((state) => stateRow(state, ways)),
    ),
    '',
    '## Holds',
    '',
    ...table(
      ['Hold', 'Meaning', 'Comes with', 'In', 'Goes with'],
      HOLD_REASONS.map((reason) => holdRow(reason, holds)),
    ),
    '',
    '## Contradictions',
    '',
    ...table(['A refund that is', 'is contradicted by'], contradictionRows(contradictions)),
  ].join('\n')
}

/** A person's word, a number that is opened again, or an answer to a send that the record knows nothing of. */
function isRare({ from, seen }: Way): boolean {
  return seen.who === 'operator' || from === 'rejected' || (from === 'waiting' && seen.who === 'answer')
}

function diagram(ways: readonly Way[]): string[] {
  const arrows = arrowsOf(ways).map(({ from, to, seen }) => {
    const groups = distinct(seen.map(({ said }) => GROUPS[said] ?? said))
    return `  ${from === 'none' ? '[*]' : from} --> ${to} : ${groups.join('<br/>')}`
  })
  return ['```mermaid', 'stateDiagram-v2', '  direction TB', ...arrows, '```']
}

/** Each pair of states that a way leads between, with all that was seen on it. */
function arrowsOf(ways: readonly Way[]) {
  const pairs = (['none', ...STATES] as const).flatMap((from) => STATES.map((to) => ({ from, to })))
  return pairs.flatMap(({ from, to }) => {
    const seen = ways.filter((way) => way.from === from && way.to === to).map((way) => way.seen)
    return seen.length > 0 ? [{ from, to, seen }] : []
  })
}

function wayRows(ways: readonly Way[]): string[][] {
  return arrowsOf(ways).map(({ from, to, seen }) => [
    from === 'none' ? 'no record' : code(from),
    code(to),
    labels(seen).join('; '),
  ])
}

/** What was seen, once each, with all who said it. */
function labels(seen: readonly Seen[]): string[] {
  return distinct(seen.map((one) => one.said)).map((what) => {
    const who = WHO.filter((speaker) => seen.some((one) => one.who === speaker && one.said === what))
    return `${what} (${who.join(', ')})`
  })
}

const distinct = (texts: readonly string[]) => [...new Set(texts)].toSorted()

function rareRows(ways: readonly Way[]): string[][] {
  return labels(ways.map(({ seen }) => seen)).map((label) => {
    const same = ways.filter(({ seen }) => label.startsWith(`${seen.said} (`))
    const [from, to] = [new Set<string>(same.map((way) => way.from)), new Set<string>(same.map((way) => way.to))]
    return [label, codes(STATES.filter((state) => from.has(state))), codes(STATES.filter((state) => to.has(state)))]
  })
}

function contradictionRows(contradictions: readonly Contradicted[]): string[][] {
  return FINAL_STATES.map((state) => {
    const seen = contradictions.filter((one) => one.state === state).map((one) => one.seen)
    return [code(state), labels(seen).join('; ')]
  })
}

function stateRow(state: (typeof STATES)[number], ways: readonly Way[]): string[] {
  const next = STATES.filter((to) => ways.some((way) => way.from === state && way.to === to))
  return [code(state), STATE_WORDS[state], codes(next)]
}

function holdRow(reason: (typeof HOLD_REASONS)[number], holds: readonly Held[]): string[] {
  const of = holds.filter((held) => held.reason === reason)
  const comes = of.filter(({ set }) => set)
  const goes = of.filter(({ set }) => !set)
  const states = OPEN_STATES.filter((state) => comes.some((held) => held.state === state))
  return [
    code(reason),
    HOLD_WORDS[reason],
    labels(comes.map(({ seen }) => seen)).join('; '),
    codes(states),
    labels(goes.map(({ seen }) => seen)).join('; '),
  ]
}

const code = (name: string) => `\`${name}\``
const codes = (names: readonly string[]) => names.map(code).join(', ')

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}
