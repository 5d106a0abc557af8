import type { Gateway } from '../src/lianlian/client.ts'

/** A gateway client that can be replaced while it is used. */
export interface GatewayClient extends Gateway {
  /** Takes over from the next call on; the former one is closed when its calls have ended. */
  readonly replace: (next: Gateway) => void
  /** Closes it when its calls have ended; later ones never leave. */
  readonly retire: () => void
}

export function gatewayClient(first: Gateway): GatewayClient {
  let current = counted(first)
  return {
    submit: (request, mayWrite) => current.submit(request, mayWrite),
    query: (request) => current.query(request),
    replace(next) {
      current.retire()
      current = counted(next)
    },
    retire: () => current.retire(),
    close: () => current.close(),
  }
}

/** Knows its calls under way. */
function counted(client: Gateway) {
  let underWay = 0
  let retired = false

  async function call<T>(work: () => Promise<T>): Promise<T> {
    underWay += 1
    try {
      return await work()
    } finally {
      underWay -= 1
      if (retired && underWay === 0) client.close()
    }
  }

  return {
    submit: (...given: Parameters<Gateway['submit']>) => call(() => client.submit(...given)),
    query: (...given: Parameters<Gateway['query']>) => call(() => client.query(...given)),
    close: () => client.close(),
    retire() {
      retired = true
      if (underWay === 0) client.close()
    },
  }
}
