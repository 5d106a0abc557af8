import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Overview } from '../../flows/overview.ts'
import { brakePage } from './brake-page.ts'
import { formTokens } from './form-token.ts'
import type { OperatorActions } from './operator.ts'

export interface BrakeOptions {
  /** who is at the brake */
  readonly user: string
  readonly overview: () => Promise<Overview>
  readonly operator: OperatorActions
  /** epoch ms */
  readonly clock: () => number
}

const BODY_LIMIT = 8 * 1024

const target = z.object({
  action: z.enum(['stop', 'resume']),
  oid_partner: z.string().optional(),
})

const order = target.extend({
  token: z.string(),
  reason: z.string().transform(oneLine).pipe(z.string().min(1).max(300)),
})

type Target = z.infer<typeof target>

/** The emergency brake: `GET /brake` asks for a reason and says what it is about, `POST /brake` does it. */
export function registerBrake(scope: FastifyInstance, { user, overview, operator, clock }: BrakeOptions): void {
  const tokens = formTokens(clock)
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: BODY_LIMIT },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
  )

  scope.get('/brake', async (request, reply) => {
    const asked = target.safeParse(request.query)
    if (!asked.success)
      return reply.code(400).type('text/plain; charset=utf-8').send('Nothing of the kind can be stopped.')
    return ask(reply, 200, asked.data)
  })

  scope.post('/brake', async (request, reply) => {
    const asked = target.safeParse(request.body)
    if (!asked.success)
      return reply.code(400).type('text/plain; charset=utf-8').send('Nothing of the kind can be stopped.')
    const given = order.safeParse(request.body)
    if (!given.success) return ask(reply, 400, asked.data, 'A reason is needed, of at most 300 characters.')
    if (!tokens.isValid(given.data.token, actOf(asked.data))) {
      return ask(reply, 403, asked.data, 'This page was too old. Nothing was done; give the reason once more.')
    }
    const { action, oid_partner, reason } = given.data
    request.log.warn({ user, action, oid_partner, reason, from: request.ip }, 'an operator is at the brake')
    await act(action, oid_partner, reason)
    return reply.redirect('/', 303)
  })

  async function ask(reply: FastifyReply, status: number, { action, oid_partner }: Target, fault?: string) {
    const view = await overview()
    if (oid_partner !== undefined && !view.gates.some((gate) => gate.oid_partner === oid_partner)) {
      return reply.code(404).type('text/plain; charset=utf-8').send('No such merchant.')
    }
    const page = brakePage(view, {
      action,
      token: tokens.issue(actOf({ action, oid_partner })),
      ...(oid_partner !== undefined && { oid_partner }),
      ...(fault !== undefined && { fault }),
    })
    return reply.code(status).type('text/html; charset=utf-8').send(page.toString())
  }

  async function act(action: Target['action'], oid_partner: string | undefined, reason: string): Promise<void> {
    const at = clock()
    if (action === 'stop') await operator.stop(oid_partner, { by: user, at, reason })
    else await operator.resume(oid_partner)
    await operator.operated({ at, by: user, action: actOf({ action, oid_partner }), reason })
  }
}

function actOf({ action, oid_partner }: Target): string {
  return oid_partner === undefined ? action : `${action} ${oid_partner}`
}

/** Control characters would break lines of logs and lists. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim()
}
