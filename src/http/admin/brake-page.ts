import type { Overview } from '../../flows/overview.ts'
import { refunds } from './format.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'

/** What stopping or resuming would be about. */
export interface BrakeForm {
  readonly action: 'stop' | 'resume'
  /** absent: the whole fleet */
  readonly oid_partner?: string
  readonly token: string
  /** what was wrong with the form as sent */
  readonly fault?: string
}

/** Asks for the reason, and says how much money it is about. */
export function brakePage(view: Overview, { action, oid_partner, token, fault }: BrakeForm): Html {
  const whose = oid_partner === undefined ? 'all sending' : `sending for merchant ${oid_partner}`
  const verb = action === 'stop' ? 'Stop' : 'Resume'
  const effect =
    action === 'stop'
      ? 'From now on nothing is begun until somebody resumes; a request that is under way may still arrive. Refunds that the gateway has are still asked about, and their ends are told.'
      : 'What waits is sent again, each refund by its own schedule.'
  return layout({
    title: `${verb} ${whose}`,
    body: html`<header><h1>${verb} ${whose}?</h1><nav><a href="/">Back</a></nav></header>
<main>${fault !== undefined && html`<p class="banner wrong" role="alert">${fault}</p>`}
<p>${effect}</p>
<p>Open now${oid_partner !== undefined && ', of all merchants'}: <b>${refunds(view.open)}</b>, of which ${refunds(view.states.waiting)}
were not sent yet and ${refunds(view.held)} are held anyway.</p>
<form action="/brake" method="post" class="reason">
<input type="hidden" name="action" value="${action}">${
      oid_partner !== undefined && html`<input type="hidden" name="oid_partner" value="${oid_partner}">`
    }
<input type="hidden" name="token" value="${token}">
<label for="reason">Reason, for whoever reads this later</label>
<input id="reason" name="reason" required maxlength="300" autocomplete="off" autofocus>
<button${action === 'stop' && html` class="danger"`}>${verb} ${whose}</button>
</form></main>`,
  })
}
