import type { MerchantGate, Overview, Stop } from '../../flows/overview.ts'
import { age, instant, whole, yuan } from './format.ts'
import { type Html, html } from './html.ts'
import { lastHour, type MeaningOf } from './last-hour.ts'
import { layout } from './layout.ts'
import { banner, problems } from './problems.ts'
import { doubts, holds, machinery, operations, queues, states, workers } from './sections.ts'
import { table } from './table.ts'

export interface StatusPageOptions {
  readonly meaningOf: MeaningOf
  /** whether the emergency brake is offered */
  readonly write: boolean
  /** whether /queues lets anybody in */
  readonly board: boolean
}

const REFRESH_S = 10

/** The fleet at a glance: what is wrong first, then the money, then the machinery. */
export function statusPage(view: Overview, { meaningOf, write, board }: StatusPageOptions): Html {
  const found = problems(view)
  return layout({
    title: found.length === 0 ? 'Refunds: all well' : `Refunds: ${found.length} to look at`,
    refresh: REFRESH_S,
    body: html`<header>
<h1>Refunds</h1>
<nav>${board && html`<a href="/queues">Queues</a> `}<a href="/metrics">Metrics</a> <a href="/readyz">Readiness</a></nav>
<p>As of ${instant(view.now)}, renewed every ${REFRESH_S} s</p>
</header>
<main>
${banner(found, view)}
${cards(view)}
${section('Waiting for a person', html`${holds(view)}${doubts(view)}`)}
${section('Money', states(view))}
${section('Sending', html`${brake(view.stopped, write)}${gates(view.gates, write)}`)}
${section('Last hour', lastHour(view.lastHour, meaningOf))}
${section('Machinery', html`<div class="columns"><div>${queues(view)}</div><div>${workers(view)}</div></div>${machinery(view)}`)}
${section('Log', operations(view))}
</main>`,
  })
}

function section(title: string, content: Html): Html {
  return html`<section><h2>${title}</h2>
${content}
</section>
`
}

function cards({ now, open, held, states: sums, oldestOpen }: Overview): Html {
  const underWay = [sums.sending, sums.unknown, sums.processing]
  const inFlight = {
    count: underWay.reduce((sum, { count }) => sum + count, 0),
    fen: underWay.reduce((sum, { fen }) => sum + fen, 0),
  }
  return html`<dl class="cards">
<div><dt>Open</dt><dd>${yuan(open.fen)}</dd><dd>${whole(open.count)} not at an end</dd></div>
<div><dt>In flight</dt><dd>${yuan(inFlight.fen)}</dd><dd>${whole(inFlight.count)} may be at the gateway</dd></div>
<div${held.count > 0 && html` class="watch"`}><dt>Held</dt><dd>${yuan(held.fen)}</dd><dd>${whole(held.count)} wait for a person</dd></div>
<div><dt>Oldest open</dt>${
    oldestOpen
      ? html`<dd>${age(oldestOpen.since, now)}</dd><dd>${oldestOpen.no_refund}</dd>`
      : html`<dd>none</dd><dd>nothing is open</dd>`
  }</div>
</dl>`
}

function brake(stopped: Stop | undefined, write: boolean): Html {
  const state = stopped
    ? html`<b class="tag wrong">stopped</b> by ${stopped.by} since ${instant(stopped.at)}: ${stopped.reason}`
    : html`<b class="tag well">on</b> for the whole fleet`
  return html`<div class="brake"><p>Sending is ${state}</p>${write && lever(stopped !== undefined, 'all sending')}</div>`
}

/** Leads to the page that asks for a reason; it changes nothing by itself. */
function lever(stopped: boolean, what: string, oid_partner?: string): Html {
  return html`<form action="/brake" method="get">
<input type="hidden" name="action" value="${stopped ? 'resume' : 'stop'}">${
    oid_partner !== undefined && html`<input type="hidden" name="oid_partner" value="${oid_partner}">`
  }
<button${!stopped && html` class="danger"`}>${stopped ? 'Resume' : 'Stop'} ${what}</button>
</form>`
}

function gates(merchants: readonly MerchantGate[], write: boolean): Html {
  return table({
    caption: 'Merchants',
    columns: ['Merchant', 'Gateway', 'Balance', 'Sending', ...(write ? ['Brake'] : [])],
    rows: merchants.map(({ oid_partner, breaker, balance, stopped }) => [
      oid_partner,
      breaker === 'open'
        ? 'reachable'
        : html`<b class="tag">${breaker === 'shut' ? 'unreachable' : 'being probed'}</b>`,
      balance === 'open' ? 'enough' : html`<b class="tag">${balance === 'shut' ? 'spent' : 'being probed'}</b>`,
      stopped
        ? html`<b class="tag wrong">stopped</b> by ${stopped.by}, ${instant(stopped.at)}: ${stopped.reason}`
        : 'on',
      ...(write ? [lever(stopped !== undefined, 'this merchant', oid_partner)] : []),
    ]),
    empty: 'none is configured',
  })
}

/** Shown while the ledger cannot be read. */
export function unreachablePage(): Html {
  return layout({
    title: 'Refunds: Redis does not answer',
    refresh: REFRESH_S,
    body: html`<header><h1>Refunds</h1></header>
<main><section class="banner wrong" role="status"><h2>Redis does not answer</h2>
<p>Nothing is sent without it, and nothing that was acknowledged is lost with it. This page asks again every ${REFRESH_S} s;
<a href="/readyz">readiness</a> says more.</p></section></main>`,
  })
}
