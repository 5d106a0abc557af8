import { droppedInUse, idleKeys, settingsVersions } from '../../flows/key-view.ts'
import type { MerchantGate, Overview, QueueView, Stop } from '../../flows/overview.ts'
import {
  LIFT_BRAKE,
  LIST_CONTRADICTIONS,
  LIST_HELD,
  LIST_KEYS,
  LIST_UNKNOWN,
  LIST_UNMATCHED,
  liftBrakeOf,
  resumeQueue,
} from './commands.ts'
import { age, instant, refunds, whole, yuan } from './format.ts'
import { type Html, html } from './html.ts'

/**
 * - `wrong`: money may be lost, doubled or standing still
 * - `watch`: waits for a person, or will soon be wrong
 */
export interface Problem {
  readonly rank: 'wrong' | 'watch'
  readonly what: Html
  /** what an operator types next */
  readonly command?: string
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
/** Events are published within a second and looks are taken within a sweep; these bounds let a restart pass. */
const OUTBOX_LATE_MS = MINUTE
const DUE_LATE_MS = MINUTE
const QUEUE_LATE_MS = 5 * MINUTE
/** Each process takes over changed settings by itself, within seconds of seeing the file. */
const RELOAD_LATE_MS = 5 * MINUTE
/** Longer than the full quarantine of 15 minutes with the looks that end it. */
const UNKNOWN_LATE_MS = 60 * MINUTE

/** What fails in them has faulty data, and is told to its producer. */
const OUR_QUEUES = new Set(['refund', 'refund-query'])

/** The roles without which refunds stand still, and what then does not happen. */
const NEEDED_ROLES: Readonly<Record<string, string>> = {
  submit: 'no refund is sent',
  query: 'no refund is asked about and nothing is woken',
  publish: 'no completion event leaves',
  receive: 'no notification of the gateway is taken',
}

/** Everything that a person should know at once, the worst first; empty when all is well. */
export function problems(view: Overview): readonly Problem[] {
  const all = [
    ...stops(view),
    ...money(view),
    ...missingRoles(view),
    ...view.durabilityFaults.map((fault) => wrong(html`Redis may lose what it acknowledged: ${fault}`)),
    ...lags(view),
    ...view.gates.flatMap(closedDoors),
    ...settingsProblems(view),
    ...keyProblems(view),
    ...view.queues.flatMap((queue) => queueProblems(queue, view.now)),
  ]
  return [...all.filter(({ rank }) => rank === 'wrong'), ...all.filter(({ rank }) => rank === 'watch')]
}

function stops({ stopped, gates }: Overview): readonly Problem[] {
  return [
    ...(stopped ? [wrong(html`All sending is stopped ${by(stopped)}`, LIFT_BRAKE)] : []),
    ...gates.flatMap((gate) =>
      gate.stopped
        ? [
            wrong(
              html`Sending for merchant ${gate.oid_partner} is stopped ${by(gate.stopped)}`,
              liftBrakeOf(gate.oid_partner),
            ),
          ]
        : [],
    ),
  ]
}

function by(stop: Stop): Html {
  return html`by ${stop.by} since ${instant(stop.at)}: ${stop.reason}`
}

function money(view: Overview): readonly Problem[] {
  const { now, contradicted, unmatched, held, oldestHeld, oldestUnknown, lastHour } = view
  const forged = lastHour['notice:bad_signature'] ?? 0
  const found: Problem[] = []
  if (contradicted.count > 0) {
    found.push(wrong(html`Facts contradict one another: ${refunds(contradicted)}`, LIST_CONTRADICTIONS))
  }
  if (unmatched > 0) {
    found.push(wrong(html`${whole(unmatched)} verified notices of refunds that nobody asked us for`, LIST_UNMATCHED))
  }
  if (forged > 0) found.push(wrong(html`${whole(forged)} notifications with a bad signature in the last hour`))
  if (oldestUnknown && now - oldestUnknown.since > UNKNOWN_LATE_MS) {
    found.push(
      wrong(
        html`Refund ${oldestUnknown.no_refund} may or may not be paid for ${age(oldestUnknown.since, now)}`,
        LIST_UNKNOWN,
      ),
    )
  }
  if (held.count > 0) {
    const longest = oldestHeld && html`, the longest for ${age(oldestHeld.since, now)}`
    found.push(watch(html`Held for a person: ${refunds(held)}${longest}`, LIST_HELD))
  }
  return found
}

function missingRoles({ alive }: Overview): readonly Problem[] {
  return Object.entries(NEEDED_ROLES)
    .filter(([role]) => !alive.some(({ roles }) => roles.includes(role)))
    .map(([role, effect]) => wrong(html`No ${role} worker is alive: ${effect}`))
}

function lags({ now, outbox, due }: Overview): readonly Problem[] {
  const found: Problem[] = []
  if (outbox.since !== undefined && now - outbox.since > OUTBOX_LATE_MS) {
    found.push(wrong(html`${whole(outbox.count)} events are not published, the oldest for ${age(outbox.since, now)}`))
  }
  if (due.since !== undefined && now - due.since > DUE_LATE_MS) {
    found.push(wrong(html`The sweeper lags: ${whole(due.count)} looks are overdue, one for ${age(due.since, now)}`))
  }
  return found
}

function closedDoors({ oid_partner, breaker, balance }: MerchantGate): readonly Problem[] {
  const found: Problem[] = []
  if (breaker !== 'open') found.push(watch(html`The gateway cannot be reached for merchant ${oid_partner}`))
  if (balance !== 'open') found.push(watch(html`Merchant ${oid_partner} has no balance for refunds`))
  return found
}

function settingsProblems({ loaded, unconfigured, now }: Overview): readonly Problem[] {
  const found = unconfigured.map(({ oid_partner, refunds: waiting }) =>
    wrong(html`Merchant ${oid_partner} is in no settings: ${whole(waiting)} refunds of it wait, nothing is asked`),
  )
  for (const { process, faults, failedSince = now } of loaded) {
    if (faults === 0) continue
    found.push(
      wrong(
        html`The settings that ${process} should take over have ${whole(faults)} faults for ${age(failedSince, now)}; its log names them`,
      ),
    )
  }
  const versions = settingsVersions(loaded)
  const newest = Math.max(...loaded.map(({ at }) => at))
  if (versions > 1 && now - newest > RELOAD_LATE_MS) {
    found.push(watch(html`Processes work with ${whole(versions)} different settings of merchants`, LIST_KEYS))
  }
  return found
}

function keyProblems({ keys, now }: Overview): readonly Problem[] {
  return [
    ...droppedInUse(keys, now).map(({ oid_partner, fingerprint }) =>
      wrong(
        html`LianLian's key ${fingerprint} of merchant ${oid_partner} was dropped, and no other has verified anything since`,
        LIST_KEYS,
      ),
    ),
    ...idleKeys(keys, now).map(({ oid_partner, fingerprint }) =>
      watch(html`LianLian's key ${fingerprint} of merchant ${oid_partner} verifies nothing any more`, LIST_KEYS),
    ),
  ]
}

function queueProblems({ name, paused, jobs, oldestWaiting }: QueueView, now: number): readonly Problem[] {
  const found: Problem[] = []
  if (jobs.failed > 0 && !OUR_QUEUES.has(name)) {
    found.push(
      wrong(html`${whole(jobs.failed)} completion events failed at the subscriber of ${name}, it does not have them`),
    )
  }
  if (paused) found.push(watch(html`Queue ${name} is paused`, resumeQueue(name)))
  if (!paused && oldestWaiting !== undefined && now - oldestWaiting > QUEUE_LATE_MS) {
    found.push(
      watch(html`A job has been waiting in ${name} for ${age(oldestWaiting, now)}, ${whole(jobs.waiting)} in all`),
    )
  }
  return found
}

function wrong(what: Html, command?: string): Problem {
  return { rank: 'wrong', what, ...(command !== undefined && { command }) }
}

function watch(what: Html, command?: string): Problem {
  return { rank: 'watch', what, ...(command !== undefined && { command }) }
}

export function banner(found: readonly Problem[], view: Overview): Html {
  if (found.length === 0) {
    return html`<p class="banner well" role="status"><strong>All well.</strong> ${yuan(view.open.fen)} is on its way.</p>`
  }
  const rank = found[0]?.rank ?? 'watch'
  const count = found.length === 1 ? 'One thing needs' : `${found.length} things need`
  return html`<section class="banner ${rank}" role="status" aria-label="Problems">
<h2>${count} attention</h2>
<ul>${found.map(
    (problem) => html`<li class="${problem.rank}"><b class="mark">${problem.rank === 'wrong' ? 'Wrong' : 'Watch'}</b>
<span>${problem.what}${problem.command !== undefined && html` <code>${problem.command}</code>`}</span></li>
`,
  )}</ul>
</section>`
}
