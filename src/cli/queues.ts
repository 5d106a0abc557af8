import { type FleetQueues, fleetQueues } from '../queue/fleet-queues.ts'
import type { Session } from './session.ts'

/** Lends the fleet's queues. */
export async function withQueues<T>(
  { settings, redis }: Pick<Session, 'settings' | 'redis'>,
  work: (queues: FleetQueues) => Promise<T>,
): Promise<T> {
  const { prefix, completion } = settings.queues
  // every fault of the connection is told by the call that meets it
  const queues = fleetQueues(redis, { prefix, completion, onError: () => undefined })
  try {
    return await work(queues)
  } finally {
    await queues.close()
  }
}
