import type { Server, Socket } from 'node:net'

/**
 * Bounds how many connections are open at once. One that is too many closes an older one rather than being turned away:
 * whoever holds idle or slow connections loses them, and a true sender always gets in.
 */
export interface Connections {
  /** A true notification came over it: it is closed after all those that brought none. */
  proven(socket: Socket): void
  /** While a notification is being stored its connection is not closed. */
  busy(socket: Socket): void
  /** @returns whether its answer is the last on this connection */
  rests(socket: Socket): 'open' | 'last'
  /** Closes all over which nothing is being stored. */
  closeResting(): void
  /** It has been told that it will be closed. */
  ends(socket: Socket): void
  /** @returns whether it is closed without a further word: after what is being stored, or because it was told so */
  closesByItself(socket: Socket): boolean
}

export function limitConnections(server: Server, most: number): Connections {
  const strangers = new Set<Socket>()
  const known = new Set<Socket>()
  /** how many notifications of each */
  const storing = new Map<Socket, number>()
  const closing = new WeakSet<Socket>()

  function closeOne(): boolean {
    for (const sockets of [strangers, known]) {
      for (const socket of sockets) {
        if (storing.has(socket)) continue
        sockets.delete(socket)
        // a reset: no side keeps anything of the connection
        socket.resetAndDestroy()
        return true
      }
    }
    return false
  }

  server.on('connection', (socket: Socket) => {
    if (strangers.size + known.size >= most && !closeOne()) {
      socket.resetAndDestroy()
      return
    }
    strangers.add(socket)
    // The first of the listeners: behind those that node:http adds and removes with each request, V8 (of Node 24) keeps
    // what every request on this connection left, until it collects the whole heap.
    socket.prependOnceListener('close', () => {
      strangers.delete(socket)
      known.delete(socket)
    })
  })

  return {
    proven(socket) {
      if (strangers.delete(socket)) known.add(socket)
    },
    busy: (socket) => void storing.set(socket, (storing.get(socket) ?? 0) + 1),
    rests(socket) {
      const others = (storing.get(socket) ?? 1) - 1
      if (others > 0) {
        storing.set(socket, others)
        return 'open'
      }
      storing.delete(socket)
      return closing.has(socket) ? 'last' : 'open'
    },
    closeResting() {
      for (const socket of [...strangers, ...known]) if (!storing.has(socket)) socket.destroy()
    },
    ends: (socket) => void closing.add(socket),
    closesByItself(socket) {
      if (storing.has(socket)) closing.add(socket)
      return closing.has(socket)
    },
  }
}
