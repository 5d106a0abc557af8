import { RefundError } from '../refund/errors.ts'

/** Settings of a consumer that cannot be meant. */
export class ConsumerOptionsError extends RefundError {
  constructor(message: string) {
    super('consumer_options', message)
  }
}

/** Thrown by a handler: trying again is of no use, the event goes to the dead letters at once. */
export class DeadLetterError extends RefundError {
  constructor(message: string, options?: ErrorOptions) {
    super('dead_letter', message, options)
  }
}

/**
 * The reason of a handler's abort signal.
 *
 * - `handle_timeout`: the handler ran longer than `handleTimeoutMs`
 * - `lease_lost`: another consumer took the event while the handler ran
 * - `consumer_stopped`: the handler ran longer than the stop of its consumer waits
 */
export class AbortedError extends RefundError {}
