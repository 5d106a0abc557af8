import type { AliveProcess, Overview, QueueView } from '../../flows/overview.ts'
import { HOLD_REASONS, STATES, type State } from '../../refund/record.ts'
import { holdAdvice, LIST_CONTRADICTIONS, LIST_UNMATCHED } from './commands.ts'
import { age, instant, refunds, whole, yuan } from './format.ts'
import { type Html, html, type Piece } from './html.ts'
import { table } from './table.ts'

const STATE_MEANINGS: Readonly<Record<State, string>> = {
  waiting: 'not sent yet',
  sending: 'a request may be under way',
  unknown: 'sent, its fate not known',
  processing: 'the gateway has it',
  succeeded: 'paid back',
  failed: 'refused by the gateway',
  rejected: 'never sent',
}

export function states({ states: sums }: Overview): Html {
  return table({
    caption: 'Refunds by state',
    columns: ['State', '#Refunds', '#Sum', 'Meaning'],
    rows: STATES.map((state) => [state, whole(sums[state].count), yuan(sums[state].fen), STATE_MEANINGS[state]]),
  })
}

export function holds({ holds: sums }: Overview): Html {
  return table({
    caption: 'Held for a person, by reason',
    columns: ['Reason', '#Refunds', '#Sum', 'What to do'],
    rows: HOLD_REASONS.filter((reason) => sums[reason].count > 0).map((reason) => {
      const { meaning, list, act } = holdAdvice(reason)
      return [
        html`${reason}<small>${meaning}</small>`,
        whole(sums[reason].count),
        yuan(sums[reason].fen),
        html`<code>${list}</code><br><code>${act}</code>`,
      ]
    }),
    empty: 'nothing is held',
  })
}

export function doubts({ now, contradicted, unmatched, oldestUnknown }: Overview): Html {
  return html`<dl>
<div><dt>Contradictions</dt><dd>${
    contradicted.count === 0 ? 'none' : html`${refunds(contradicted)} <code>${LIST_CONTRADICTIONS}</code>`
  }</dd></div>
<div><dt>Unmatched notices</dt><dd>${
    unmatched === 0 ? 'none' : html`${whole(unmatched)} <code>${LIST_UNMATCHED}</code>`
  }</dd></div>
<div><dt>Longest in unknown</dt><dd>${
    oldestUnknown ? html`${oldestUnknown.no_refund}, for ${age(oldestUnknown.since, now)}` : 'none'
  }</dd></div>
</dl>`
}

export function queues({ now, queues: views }: Overview): Html {
  return table({
    caption: 'Queues',
    columns: ['Queue', '#Waiting', '#Active', '#Delayed', '#Failed', '#Oldest waiting'],
    rows: views.map((queue) => queueRow(queue, now)),
  })
}

function queueRow({ name, paused, jobs, oldestWaiting }: QueueView, now: number): readonly Piece[] {
  return [
    html`<a href="/queues/queue/${encodeURIComponent(name)}">${name}</a>${paused && html` <b class="tag">paused</b>`}`,
    whole(jobs.waiting + jobs.prioritized),
    whole(jobs.active),
    whole(jobs.delayed),
    whole(jobs.failed),
    oldestWaiting === undefined ? 'none' : age(oldestWaiting, now),
  ]
}

/** The roles of a fleet, in the order of a refund's way. */
const ROLES = ['submit', 'query', 'publish', 'receive', 'admin']

export function workers({ now, alive }: Overview): Html {
  const others = alive.flatMap(({ roles }) => roles).filter((role) => !ROLES.includes(role))
  return table({
    caption: 'Workers alive',
    columns: ['Role', '#Processes', 'Where'],
    rows: [...ROLES, ...new Set(others)].map((role) => {
      const processes = alive.filter(({ roles }) => roles.includes(role))
      return [role, whole(processes.length), processes.length === 0 ? 'nowhere' : places(processes, now)]
    }),
  })
}

const PLACES_SHOWN = 6

function places(processes: readonly AliveProcess[], now: number): Html {
  const more = processes.length - PLACES_SHOWN
  return html`<ul class="places">${processes
    .slice(0, PLACES_SHOWN)
    .map(({ host, pid, seen }) => html`<li>${host}:${pid}, ${age(seen, now)} ago</li>`)}${
    more > 0 && html`<li>and ${whole(more)} more</li>`
  }</ul>`
}

export function machinery({ now, outbox, due, durabilityFaults, safeStart }: Overview): Html {
  return html`<dl>
<div><dt>Events to publish</dt><dd>${whole(outbox.count)}${waiting(outbox.since, now)}</dd></div>
<div><dt>Looks overdue</dt><dd>${whole(due.count)}${waiting(due.since, now)}</dd></div>
<div><dt>Redis durability</dt><dd>${
    durabilityFaults.length === 0 ? 'sound' : durabilityFaults.map((fault) => html`<span class="fault">${fault}</span>`)
  }</dd></div>
<div><dt>Safe start</dt><dd>${
    safeStart === undefined ? 'none set' : html`older than ${instant(safeStart)} is asked about before it is sent`
  }</dd></div>
</dl>`
}

function waiting(since: number | undefined, now: number): Html | undefined {
  return since === undefined ? undefined : html`, the oldest for ${age(since, now)}`
}

const OPERATIONS_SHOWN = 20

export function operations({ operations: all }: Overview): Html {
  return table({
    caption: 'What operators did last',
    columns: ['When', 'Who', 'What', 'Why'],
    rows: all.slice(0, OPERATIONS_SHOWN).map(({ at, by, action, reason }) => [instant(at), by, action, reason]),
    empty: 'nothing yet',
  })
}
