import { whole } from './format.ts'
import { type Html, html } from './html.ts'
import { table } from './table.ts'

/** What a return code means, in words. */
export type MeaningOf = (ret_code: string) => string

const NO_CODE = 'none'

const NOTICE_MEANINGS: Readonly<Record<string, string>> = {
  accepted: 'settled a refund or moved it on',
  duplicate: 'said again what was known',
  late: 'of a refund that had ended',
  mismatch: 'other amount or time than ours',
  unmatched: 'of a refund that we do not know',
  bad_signature: 'not signed by LianLian: forged, or the key changed',
  unreadable: 'not a notification at all',
  limited: 'refused unread: its sender had sent too many that nobody vouches for',
}

/** What the gateway said in the last hour, by call and return code; the most frequent first. */
export function lastHour(counts: Readonly<Record<string, number>>, meaningOf: MeaningOf): Html {
  return html`<div class="columns"><div>
${calls('Refund requests', 'submit', counts, meaningOf)}
</div><div>
${calls('Status queries', 'query', counts, meaningOf)}
</div><div>
${table({
  caption: 'Notifications',
  columns: ['Result', '#Count', 'Meaning'],
  rows: counted(counts, 'notice').map(([result, count]) => [result, whole(count), NOTICE_MEANINGS[result]]),
  empty: 'none in the last hour',
})}
</div><div>
${table({
  caption: 'Completion events',
  columns: ['Type', '#Count'],
  rows: counted(counts, 'event').map(([type, count]) => [type, whole(count)]),
  empty: 'none in the last hour',
})}
</div></div>`
}

function calls(
  caption: string,
  call: 'submit' | 'query',
  counts: Readonly<Record<string, number>>,
  meaningOf: MeaningOf,
): Html {
  return table({
    caption,
    columns: ['Return code', '#Count', 'Taken as', 'Meaning'],
    rows: counted(counts, call).map(([outcome, count]) => {
      const [kind = '', ret_code = NO_CODE] = outcome.split(':')
      const meaning = ret_code === NO_CODE ? 'no return code came' : meaningOf(ret_code)
      return [html`<span class="code">${ret_code}</span>`, whole(count), kind.replaceAll('_', ' '), meaning]
    }),
    empty: 'none in the last hour',
  })
}

function counted(counts: Readonly<Record<string, number>>, family: string): readonly (readonly [string, number])[] {
  return Object.entries(counts)
    .filter(([name, count]) => name.startsWith(`${family}:`) && count > 0)
    .map(([name, count]): readonly [string, number] => [name.slice(family.length + 1), count])
    .toSorted(([, one], [, other]) => other - one)
}
