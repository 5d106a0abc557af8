import { type Format, list, pattern } from './formats.ts'

/** `refund-completed` always gets every event; `COMPLETION_QUEUES` adds further subscribers. */
const COMPLETED_QUEUE = 'refund-completed'
/** Our own queues: an event in them would be taken for a refund or a look at one. */
const OWN_QUEUES = ['refund', 'refund-query']

const PREFIX = /^[A-Za-z0-9_.:{}-]+$/

/** Whether Redis Cluster keeps all keys of the prefix in one slot: some text between the first `{` and the next `}`. */
export function hasHashTag(prefix: string): boolean {
  return /^[^{]*\{[^}]+\}/.test(prefix)
}

export const queuePrefix = pattern('letters, digits and any of _ . : { } -', PREFIX)

export const ledgerPrefix: Format<string> = {
  expected: 'letters, digits and any of _ . : { } - with a hash tag such as {refunds}',
  parse: (text) => (PREFIX.test(text) && hasHashTag(text) ? text : undefined),
}

const queueNames = list('queue names', (text) =>
  /^[^\s:]+$/.test(text) && !OWN_QUEUES.includes(text) ? text : undefined,
)

/** The queues that get every event, `refund-completed` first. */
export const completionQueues: Format<readonly string[]> = {
  expected: `different queue names separated by commas, no colon, no space, none of ${OWN_QUEUES.join(', ')}`,
  parse: (text) => {
    const names = queueNames.parse(text)
    if (names === undefined || new Set(names).size < names.length) return undefined
    return [...new Set([COMPLETED_QUEUE, ...names])]
  },
}

export const oidPartner = pattern('a merchant number of 18 digits', /^[0-9]{18}$/)

/** Whether the text holds keys, and how many, is found where keys are parsed. */
export const publicKeys = pattern('public keys as PEM or base64 DER, separated by commas', /^(?![\s\S]*PRIVATE KEY)/)

/** fastify would read `:` and `*` as patterns. */
export const routePath = pattern('a path such as /notifications/refund', /^\/[A-Za-z0-9_.~/-]*$/)

/** Basic authentication ends the user at the first colon. */
export const userName = pattern('text without colon', /^[^:\p{Cc}]+$/u)

export const filePath = pattern('the path of a file', /^[^\0]+$/)

export const sentinelName = pattern('the name of the master, without spaces', /^\S+$/)
