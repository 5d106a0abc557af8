import { z } from 'zod'
import { DEFENCES } from '../defences/names.ts'

/**
 * Where a worker of the fault suite can be made to stop and wait for word:
 *
 * - `before_request`: the claim is written and confirmed, the gateway is not called yet
 * - `after_answer`: the gateway has answered, nothing is committed yet
 * - `after_claim`: right behind the commit of a claim
 * - `after_settled`: right behind the commit that made a refund final; the job is not completed yet
 * - `before_publish`: events were taken from the outbox, none is published yet
 * - `after_publish`: they are published, and still in the outbox
 */
export const PLACES = [
  'before_request',
  'after_answer',
  'after_claim',
  'after_settled',
  'before_publish',
  'after_publish',
] as const
export type Place = (typeof PLACES)[number]

export const ROLES = ['submit', 'query', 'publish', 'receive', 'admin'] as const

/** How a worker of the fault suite differs from one of production; its first argument, as JSON. */
export const planSchema = z.strictObject({
  roles: z.tuple([z.enum(ROLES)], z.enum(ROLES)).readonly(),
  stopAt: z.array(z.enum(PLACES)).readonly().default([]),
  /** the machine's clock is off by so many milliseconds */
  clockOffsetMs: z.int().default(0),
  /** the defence that is switched off */
  without: z.enum(DEFENCES).optional(),
})
export type WorkerPlan = Readonly<z.input<typeof planSchema>>

/** From the worker: somebody stands at this place. */
export const reachedSchema = z.object({ reached: z.enum(PLACES), no_refund: z.string() })
export type Reached = z.infer<typeof reachedSchema>

/** To the worker: let all who stand there go on, and nobody stop there again; block the event loop first. */
export const wordSchema = z.object({ go: z.enum(PLACES), blockMs: z.int() })
export type Word = z.infer<typeof wordSchema>
