import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'

export interface ProxyOptions {
  /** of the server behind it, on 127.0.0.1 */
  readonly port: number
}

/** A TCP proxy that loses what it is told to lose. Faults are for all connections unless said otherwise. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  /** The next replies pass up to so many bytes in all, then the connection at hand is cut. Resolves at the cut. */
  readonly dropRepliesAfter: (bytes: number) => Promise<void>
  /**
   * The first connection whose requests match loses the reply: from then on nothing of what the server says passes,
   * and the connection is cut when the server has answered. Requests are matched together with those before them
   * that have no answer yet. Resolves at the cut.
   */
  readonly loseReplyTo: (matches: (requestBytes: Buffer) => boolean) => Promise<void>
  /** Requests pass on, replies wait; `release` lets them go, `cutAll` loses them. */
  readonly holdReplies: () => void
  readonly release: () => void
  /** Nothing passes in either direction; `thaw` lets go what waited. */
  readonly freeze: () => void
  readonly thaw: () => void
  /** New connections are reset; those that stand go on. */
  readonly refuse: (on: boolean) => void
  /** Ends every connection; what was on its way is lost. */
  readonly cutAll: () => void
  readonly connections: () => number
  readonly stop: () => Promise<void>
}

interface Link {
  readonly client: Socket
  readonly server: Socket
  /** requests since the last reply */
  asked: Buffer
  /** called when the reply that is to be lost has come */
  losing: (() => void) | undefined
  held: Buffer[]
}

interface ReplyFault {
  readonly matches: (requestBytes: Buffer) => boolean
  readonly done: () => void
}

/** A command is told by its first bytes; a client that is never answered must not fill the memory. */
const ASKED_BYTES = 1_048_576

/** Starts a proxy in front of a port of 127.0.0.1. */
export async function startProxy({ port }: ProxyOptions): Promise<TcpProxy> {
  const links = new Set<Link>()
  let refusing = false
  let holding = false
  let frozen = false
  let budget: { left: number; readonly done: () => void } | undefined
  let replyFault: ReplyFault | undefined

  const listener = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    client.on('error', () => {})
    if (refusing) {
      client.resetAndDestroy()
      return
    }
    const server = dial({ port, host: '127.0.0.1', noDelay: true })
    const link: Link = { client, server, asked: Buffer.alloc(0), losing: undefined, held: [] }
    links.add(link)
    for (const socket of [client, server]) {
      socket.on('error', () => cut(link))
      socket.on('close', () => cut(link))
    }
    client.on('data', (chunk: Buffer) => onRequest(link, chunk))
    server.on('data', (chunk: Buffer) => onReply(link, chunk))
    if (frozen) server.pause()
    else client.resume()
  })

  function cut(link: Link): void {
    links.delete(link)
    link.client.destroy()
    link.server.destroy()
  }

  function onRequest(link: Link, chunk: Buffer): void {
    link.asked = Buffer.concat([link.asked, chunk]).subarray(-ASKED_BYTES)
    if (replyFault?.matches(link.asked)) {
      link.losing = replyFault.done
      replyFault = undefined
    }
    link.server.write(chunk)
  }

  function onReply(link: Link, chunk: Buffer): void {
    if (link.losing) {
      cut(link)
      link.losing()
    } else if (holding) link.held.push(chunk)
    else pass(link, chunk)
  }

  function pass(link: Link, chunk: Buffer): void {
    link.asked = Buffer.alloc(0)
    if (!budget || chunk.length <= budget.left) {
      if (budget) budget.left -= chunk.length
      link.client.write(chunk)
      return
    }
    const { left, done } = budget
    budget = undefined
    // what may pass shall arrive before the end does
    link.client.end(chunk.subarray(0, left), () => {
      cut(link)
      done()
    })
    link.server.destroy()
  }

  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('a listening TCP server has no port')

  const cutAll = (): void => {
    for (const link of links) cut(link)
  }
  const stop = async (): Promise<void> => {
    cutAll()
    if (!listener.listening) return
    listener.close()
    await once(listener, 'close')
  }
  return {
    port: address.port,
    url: `redis://127.0.0.1:${address.port}`,
    dropRepliesAfter: async (bytes) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      budget = { left: bytes, done: resolve }
      await promise
    },
    loseReplyTo: async (matches) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      replyFault = { matches, done: resolve }
      await promise
    },
    holdReplies: () => {
      holding = true
    },
    release: () => {
      holding = false
      for (const link of links) {
        for (const chunk of link.held.splice(0)) pass(link, chunk)
      }
    },
    freeze: () => {
      frozen = true
      for (const { client, server } of links) for (const socket of [client, server]) socket.pause()
    },
    thaw: () => {
      frozen = false
      for (const { client, server } of links) for (const socket of [client, server]) socket.resume()
    },
    refuse: (on) => {
      refusing = on
    },
    cutAll,
    connections: () => links.size,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
