import { Redis, SentinelConnector } from 'ioredis'

type Options = ConstructorParameters<typeof SentinelConnector>[0]
type Connect = SentinelConnector['connect']

/**
 * Mends two faults of ioredis with sentinels.
 *
 * It keeps a connection to every sentinel, to hear of a failover, and lets nobody hear its faults: it writes them to
 * stderr, where a log is expected. They are connection faults like any other.
 *
 * And when those sentinels tell of a failover while the next connection is being made already, it takes that for a wish
 * to disconnect: the client ends for good. Whoever connects asks for the master anyway and needs to be told nothing.
 */
export function sentinelConnector(onError: (error: Error) => void): new (options: unknown) => SentinelConnector {
  return class extends SentinelConnector {
    constructor(options: unknown) {
      super(known(options))
      const connect: unknown = Reflect.get(this, 'connectToSentinel')
      if (typeof connect !== 'function') return
      Reflect.set(this, 'connectToSentinel', (...args: readonly unknown[]): unknown => {
        const client: unknown = Reflect.apply(connect, this, args)
        if (client instanceof Redis) client.on('error', onError)
        return client
      })
    }

    override async connect(...args: Parameters<Connect>): ReturnType<Connect> {
      const detector: unknown = Reflect.get(this, 'failoverDetector')
      if (isCleanable(detector)) detector.cleanup()
      return super.connect(...args)
    }
  }
}

function known(options: unknown): Options {
  if (!isOptions(options)) throw new TypeError('a connection through sentinels was made without any')
  return options
}

function isOptions(options: unknown): options is Options {
  return typeof options === 'object' && options !== null && 'sentinels' in options && 'name' in options
}

function isCleanable(detector: unknown): detector is { cleanup(): void } {
  return typeof detector === 'object' && detector !== null && 'cleanup' in detector
}
