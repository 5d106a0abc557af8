import { PARTNER } from '../e2e/settings.ts'
import { type Happening, NO, SUBSCRIBER } from './mix.ts'

export interface Duty {
  /** which refund each command of the section is for, by its verb (`resolve` with its outcome); `*`: all others */
  readonly of?: Readonly<Record<string, string>>
  /** what happens outside right before a command with this verb: somebody tops up, or mends */
  readonly before?: Readonly<Record<string, Happening>>
  /** what stands for a word in capitals */
  readonly words?: Readonly<Record<string, string>>
}

/** Which refund of the night is whose: the operator reads it from the lists, the test knows it. */
export const DUTIES: Readonly<Record<string, Duty>> = {
  'First five minutes': { of: { '*': NO.amountPaid } },
  Evidence: { of: { '*': NO.amountPaid } },
  'Refund unknown too long': {
    before: { query: 'knows_the_unsent' },
    of: { query: NO.unknownUnsent, '*': NO.unknownPaid },
  },
  'Refund contradiction': {
    of: { timeline: NO.saidPaid, 'resolve --succeeded': NO.saidFailed, 'resolve --failed': NO.saidPaid },
  },
  'Refund queue paused': { words: { QUEUE: 'refund' } },
  insufficient_balance: { before: { release: 'topped_up' } },
  configuration: { of: { '*': NO.configuration } },
  amount_mismatch: { of: { '*': NO.amountPaid, 'resolve --failed': NO.amountFailed } },
  contradiction: {
    of: {
      timeline: NO.frozen,
      release: NO.frozen,
      'resolve --succeeded': NO.denied,
      'resolve --failed': NO.foreign,
    },
  },
  attempts_spent: { of: { '*': NO.spent } },
  silence: { of: { '*': NO.silencePaid, 'resolve --failed': NO.silenceFailed } },
  cap: { of: { '*': NO.capReleased, cancel: NO.capCancelled } },
  operator: { before: { release: 'knows_the_held' }, of: { '*': NO.operatorReleased, cancel: NO.operatorCancelled } },
  'A job failed': {
    of: { '*': NO.badData },
    words: { NEW_NUMBER: NO.again, AMOUNT: '12.34', ORDER: '2013051500009' },
  },
  'A subscriber lost an event': { of: { '*': NO.well }, words: { QUEUE: SUBSCRIBER } },
}

/**
 * Fills in the words that stand in capitals.
 *
 * @param words of one command, without the program
 * @param entry what ENTRY stands for
 * @throws when nobody has said which refund a command is for
 */
export function filledIn(section: string, words: readonly string[], entry: string): readonly string[] {
  const { of = {}, words: others = {} } = DUTIES[section] ?? {}
  const [verb = ''] = words
  const outcome = words.find((word) => word === '--succeeded' || word === '--failed')
  const key = verb === 'resolve' && outcome !== undefined ? `resolve ${outcome}` : verb
  const known: Readonly<Record<string, string | undefined>> = {
    NUMBER: of[key] ?? of['*'],
    PARTNER,
    ENTRY: entry,
    ...others,
  }
  return words.map((word) => {
    if (!/^[A-Z]+(?:_[A-Z]+)*$/.test(word)) return word
    const meant = known[word]
    if (meant === undefined) throw new Error(`${section}: nobody said what ${word} is in: ${words.join(' ')}`)
    return meant
  })
}
