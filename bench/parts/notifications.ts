import { paced } from '../support/paced.ts'
import { type Result, result } from '../support/results.ts'
import type { Stage } from '../support/stage.ts'

const told = (perSecond: number) => ({ unit: 'ms', detail: `${perSecond} notifications a second, 70 % of saturation` })

/** From a notification until its refund's event stands in `refund-completed`. */
export async function notificationToEvent(stage: Stage): Promise<Result[]> {
  const { perSecond, rounds } = await paced(stage)
  return [
    result({
      name: 'notification-to-event-p50',
      values: rounds.map(({ eventP50 }) => eventP50),
      ...told(perSecond),
    }),
    result({
      name: 'notification-to-event-p99',
      values: rounds.map(({ eventP99 }) => eventP99),
      ...told(perSecond),
    }),
  ]
}

/** How long the gateway waits for its acknowledgement: the slowest of a hundred. */
export async function ackP99(stage: Stage): Promise<Result[]> {
  const { perSecond, rounds } = await paced(stage)
  return [
    result({
      name: 'ack-p99',
      values: rounds.map((round) => round.ackP99),
      bound: { must: 50, aim: 15, better: 'less' },
      ...told(perSecond),
    }),
  ]
}
