import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { Queue } from 'bullmq'
import type { FastifyInstance } from 'fastify'
import { type BoardWrites, guardWrites } from './board-writes.ts'
import { masked } from './masking.ts'

export interface BoardOptions {
  readonly queues: readonly Queue[]
  /** absent: nothing may be changed */
  readonly writes?: BoardWrites
}

const BOARD_PATH = '/queues'

/** Bull Board asks for fonts of another company's server; it does as well with the reader's own. */
const FOREIGN_FONTS = /<link[^>]*fonts\.googleapis\.com[^>]*>/g

/** BullMQ's queues to look at, and with `writes` to work on: every answer without secrets. */
export async function registerBoard(scope: FastifyInstance, { queues, writes }: BoardOptions): Promise<void> {
  const serverAdapter = new FastifyAdapter()
  serverAdapter.setBasePath(BOARD_PATH)
  createBullBoard({
    queues: queues.map(
      (queue) =>
        new BullMQAdapter(queue, {
          readOnlyMode: writes === undefined,
          description: DESCRIPTIONS[queue.name] ?? EVENTS,
        }),
    ),
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'Refund queues',
        miscLinks: [{ text: 'Status page', url: '/' }],
        hideDocsLink: true,
      },
    },
  })
  guardWrites(scope, queues, writes)
  // Bull Board's own formatters leave out failedReason and stacktrace: here nothing passes by
  scope.addHook('preSerialization', async (_request, _reply, payload) => masked(payload))
  scope.addHook('onSend', async (_request, reply, payload) =>
    typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html')
      ? payload.replace(FOREIGN_FONTS, '')
      : payload,
  )
  await scope.register(serverAdapter.registerPlugin(), { prefix: BOARD_PATH })
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  refund: 'refunds of other services; a job ends when the ledger looks after its refund',
  'refund-query': 'looks at refunds that are waited for',
}
const EVENTS = 'completion events for a subscriber'
