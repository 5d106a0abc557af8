import { withoutCommand } from '../redis/error-text.ts'
import type { RefundEvent } from '../refund/event.ts'
import { AbortedError, DeadLetterError } from './errors.ts'
import type { EventMemory, Remembered } from './memory.ts'

export interface Handled {
  /** 1 for the first try */
  readonly attempt: number
  /** handed out once more by an operator, or from the dead letters */
  readonly replay: boolean
  /** aborted when the handler takes too long, the event was lost to another consumer, or the consumer's stop took too long */
  readonly signal: AbortSignal
}

export type EventHandler = (event: RefundEvent, about: Handled) => unknown

/** As pino has it. */
export interface ConsumerLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface TryOptions {
  readonly handle: EventHandler
  readonly memory: EventMemory
  readonly leaseMs: number
  readonly handleTimeoutMs: number
  readonly log: ConsumerLog
  /** aborts when the consumer no longer waits for its handlers */
  readonly stopped: AbortSignal
}

interface Try {
  readonly what: Remembered
  readonly lease: string
  readonly attempt: number
  readonly replay: boolean
}

/**
 * - `failed`: the handler threw, or took too long
 * - `lost`: another consumer took the event meanwhile
 * - `stopped`: the stop broke it off, which says nothing about the event; `running` while the handler may still be at work
 */
export type Tried =
  | { readonly kind: 'handled' | 'lost' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'stopped'; readonly running: boolean }

/** A handler whose signal has aborted is waited for so long, then left alone. */
export const LET_GO_MS = 1_000

/** Hands an event to the handler, holds its lease meanwhile, and waits no longer than it may take. */
export async function tryOnce(
  { handle, memory, leaseMs, handleTimeoutMs, log, stopped }: TryOptions,
  event: RefundEvent,
  { what, lease, attempt, replay }: Try,
): Promise<Tried> {
  if (stopped.aborted) return { kind: 'stopped', running: false }
  const [lost, late] = [new AbortController(), new AbortController()]
  const signal = AbortSignal.any([lost.signal, late.signal, stopped])
  const { promise: leftAlone, resolve: leaveAlone } = Promise.withResolvers<'left alone'>()
  let patience: NodeJS.Timeout | undefined
  const onAbort = () => {
    patience = setTimeout(() => leaveAlone('left alone'), LET_GO_MS)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  const renewal = setInterval(() => void renew(), leaseMs / 3)
  const limit = setTimeout(() => late.abort(tooLate(handleTimeoutMs)), handleTimeoutMs)
  const ended = await Promise.race([run(), leftAlone])
  for (const timer of [renewal, limit, patience]) clearTimeout(timer)
  signal.removeEventListener('abort', onAbort)

  if (ended === 'handled') return { kind: 'handled' }
  if (ended === 'left alone') log.warn({ event: event.id }, 'a handler did not heed its signal and is left alone')
  if (lost.signal.aborted) return { kind: 'lost' }
  if (ended !== 'left alone' && ended.error instanceof DeadLetterError) return { kind: 'failed', error: ended.error }
  if (stopped.aborted) return { kind: 'stopped', running: ended === 'left alone' }
  if (ended === 'left alone' || late.signal.aborted) return { kind: 'failed', error: late.signal.reason }
  return { kind: 'failed', error: ended.error }

  async function run(): Promise<'handled' | { readonly error: unknown }> {
    try {
      await handle(event, { attempt, replay, signal })
      return 'handled'
    } catch (error) {
      return { error }
    }
  }

  async function renew(): Promise<void> {
    try {
      if (await memory.renew(what, lease)) return
      lost.abort(new AbortedError('lease_lost', `another consumer has ${event.id}`))
    } catch (error) {
      log.warn({ event: event.id, err: withoutCommand(error) }, 'a lease could not be renewed')
    }
  }
}

const tooLate = (ms: number) => new AbortedError('handle_timeout', `the handler took longer than ${ms} ms`)
