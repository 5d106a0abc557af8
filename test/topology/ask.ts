import { Redis } from 'ioredis'

const ANSWER_WITHIN_MS = 2_000

/** One command to one server over a connection of its own. @throws when the server is away, slow or refuses */
export async function ask(port: number, command: string, ...args: readonly (string | number)[]): Promise<unknown> {
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    connectTimeout: ANSWER_WITHIN_MS,
    commandTimeout: ANSWER_WITHIN_MS,
  })
  // the command tells the fault
  redis.on('error', () => {})
  try {
    return await redis.call(command, ...args)
  } finally {
    redis.disconnect()
  }
}
