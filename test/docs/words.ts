import type { HoldReason, State } from '../../src/refund/record.ts'

/** What each state means to the person who reads the page. A state that is not here does not compile. */
export const STATE_WORDS: Readonly<Record<State, string>> = {
  waiting: 'No request for it may have left. It may be sent as soon as nothing holds it.',
  sending: 'A request may be under way, by the one worker that holds the claim. Written before anything leaves.',
  unknown: 'A request may have left, and what became of it is not known. The gateway is asked; it is not sent blindly.',
  processing: 'The gateway has it and works on it. Never sent again.',
  succeeded: 'The money went back. Final.',
  failed: 'The money did not go back, and no request is in doubt. Final.',
  rejected:
    'It was never sent: bad data, too much for its order, or cancelled. Final, but the number may be used again.',
}

/** What each hold means. Any of them forbids sending; the refund is still asked about. */
export const HOLD_WORDS: Readonly<Record<HoldReason, string>> = {
  insufficient_balance: 'The merchant account has no balance. Tried again, slowly, by itself.',
  configuration: 'The gateway refuses our calls until a person changes something: a key, an address, a permission.',
  amount_mismatch: 'The gateway speaks of this number with another amount or time.',
  contradiction: 'Things that cannot all be true: known but never sent, accepted but denied, an order passed.',
  attempts_spent: 'It was sent as often as the settings allow.',
  silence: 'Nothing conclusive for as long as the settings wait. Asked about daily.',
  cap: 'Above the amount, or the sum of the day, that the settings let through without a person.',
  operator: 'A person stopped it.',
}

/** What stands at an arrow for several things that do the same. What is not here stands for itself. */
export const GROUPS: Readonly<Record<string, string>> = {
  'accepted and held': 'accepted',
  'refused for its data or its order': 'refused',
  'fate not known': 'in doubt',
  'needs an operator': 'in doubt',
  'no balance': 'in doubt',
  'refusal with a doubt': 'in doubt',
  'the claim ran out': 'in doubt',
  'never left, but an earlier send may have': 'in doubt',
  'already known': 'the gateway has it',
  'sta_refund 0, 1, other or none': 'the gateway has it',
  'definite refusal': 'refusal',
  'refused once, and denied long enough': 'refusal, confirmed',
}
