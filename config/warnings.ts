import type { Known } from './rules.ts'

/** What is no fault and likely a mistake, or nothing. */
type Warning = (known: Known) => readonly string[]

/** A call may end this many times before a denial counts: what is late on its way must have arrived by then. */
const TIMEOUTS_IN_QUARANTINE = 4

const shortQuarantine: Warning = ({ value }) => {
  const [age, timeout] = [value('NOT_FOUND_MIN_AGE_MS'), value('GATEWAY_TIMEOUT_MS')]
  if (age === undefined || timeout === undefined || age >= TIMEOUTS_IN_QUARANTINE * timeout) return []
  return [
    `NOT_FOUND_MIN_AGE_MS: ${age} is less than ${TIMEOUTS_IN_QUARANTINE} times GATEWAY_TIMEOUT_MS (${timeout}): a request ` +
      'that is late on its way may still arrive after it was denied, and be paid twice',
  ]
}

const openGateway: Warning = ({ value }) =>
  value('ALLOW_INSECURE_GATEWAY') === true
    ? ['ALLOW_INSECURE_GATEWAY: true, so that refunds may be sent where anybody on the way reads and changes them']
    : []

export const warnings: readonly Warning[] = [shortQuarantine, openGateway]
