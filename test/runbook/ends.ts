import { NO } from './mix.ts'

export interface End {
  readonly state: 'succeeded' | 'failed' | 'rejected'
  /** types of its completion events, in order */
  readonly events: readonly string[]
  /** what persons did about it, in order, as its history calls it */
  readonly deeds: readonly string[]
  /** it may have gone on by itself before anybody did anything */
  readonly byItself?: true
  /** on a slow machine it may be held before it goes on, and then be let go with the others */
  readonly mayBeReleased?: true
}

const ended = (state: End['state'], ...deeds: readonly string[]): End => ({ state, events: [`refund.${state}`], deeds })

/** How each refund must end: as the gateway's book says, by the deeds of the runbook. */
const ends: Readonly<Record<Exclude<keyof typeof NO, 'stranger'>, End>> = {
  silencePaid: ended('succeeded', 'resolve'),
  silenceFailed: ended('failed', 'resolve'),
  unknownPaid: ended('succeeded', 'resolve'),
  unknownUnsent: { ...ended('succeeded', 'requery'), mayBeReleased: true },
  amountPaid: ended('succeeded', 'resolve'),
  amountFailed: ended('failed', 'resolve'),
  saidFailed: { state: 'succeeded', events: ['refund.succeeded', 'refund.corrected'], deeds: ['resolve'] },
  saidPaid: { state: 'failed', events: ['refund.failed', 'refund.corrected'], deeds: ['resolve'] },
  frozen: ended('succeeded', 'release'),
  denied: ended('succeeded', 'resolve'),
  foreign: ended('failed', 'resolve'),
  spent: ended('succeeded', 'release'),
  configuration: ended('succeeded', 'release'),
  configurationToo: ended('succeeded', 'release'),
  capReleased: ended('succeeded', 'release'),
  capCancelled: ended('rejected', 'cancel'),
  operatorReleased: ended('succeeded', 'hold', 'release'),
  operatorCancelled: ended('rejected', 'hold', 'cancel'),
  balance: { ...ended('succeeded', 'release'), byItself: true },
  balanceHeld: ended('succeeded', 'hold', 'release'),
  well: ended('succeeded', 'replay'),
  badData: { state: 'succeeded', events: ['refund.rejected', 'refund.succeeded'], deeds: [] },
  again: ended('succeeded'),
}

export const ENDS = Object.entries(ends).map(([name, end]) => ({ name, no_refund: numberOf(name), end }))

function numberOf(name: string): string {
  const found = Object.entries(NO).find(([each]) => each === name)
  if (found === undefined) throw new Error(`no refund ${name}`)
  return found[1]
}
