import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'

/**
 * Keep-alive agents that give a request its socket only once the socket is connected, under TLS once the handshake is
 * done and the certificate checked.
 *
 * Node's own agents hand over a socket that is still connecting, and the request waits in its buffer. Then nobody can
 * tell afterwards whether it went out, and a process that was frozen meanwhile would write it on waking without being
 * asked again. With these agents the `socket` event of a request is the exact line: before it nothing was written.
 */
export interface ConnectedAgents {
  readonly http: http.Agent
  readonly https: https.Agent
  /** Ends every connection, also those being made; their requests fail. */
  readonly destroy: () => void
}

type Deliver = (error: Error | null, socket: Duplex) => void

// A kept socket that the gateway closes just as we write costs a refund its certainty, and so a query and a
// quarantine. Idle sockets are dropped before common servers do (5 s and more); Node also obeys `Keep-Alive: timeout`.
const IDLE_MS = 4000

const KEEP = { keepAlive: true, timeout: IDLE_MS } as const

/** @param connectTimeoutMs how long DNS, TCP and TLS may take together */
export function connectedAgents(connectTimeoutMs: number): ConnectedAgents {
  const connecting = new Set<Duplex>()

  /** Delivers exactly once: Node does not tell a request that it was destroyed until its connection is settled. */
  function deliverWhen(ready: 'connect' | 'secureConnect', socket: Duplex, deliver: Deliver): void {
    connecting.add(socket)
    const tooLong = new ConnectError('ETIMEDOUT', 'connecting took too long')
    const timer = setTimeout(() => socket.destroy(tooLong), connectTimeoutMs)
    function settle(error: Error | null): void {
      clearTimeout(timer)
      if (connecting.delete(socket)) deliver(error, socket)
    }
    function onClose(): void {
      settle(new ConnectError('ECONNRESET', 'closed before it was connected'))
    }
    socket.on('error', settle)
    socket.once('close', onClose)
    socket.once(ready, () => {
      socket.off('error', settle)
      socket.off('close', onClose)
      settle(null)
    })
  }

  class PlainAgent extends http.Agent {
    override createConnection(options: http.ClientRequestArgs, deliver?: Deliver): undefined {
      const socket = super.createConnection(options)
      if (socket && deliver) deliverWhen('connect', socket, deliver)
    }
  }

  class TlsAgent extends https.Agent {
    override createConnection(options: https.RequestOptions, deliver?: Deliver): undefined {
      const socket = super.createConnection(options)
      if (socket && deliver) deliverWhen('secureConnect', socket, deliver)
    }
  }

  const plain = new PlainAgent(KEEP)
  // Said outright, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would otherwise switch checking off.
  const tls = new TlsAgent({ ...KEEP, rejectUnauthorized: true, minVersion: 'TLSv1.2' })
  return {
    http: plain,
    https: tls,
    destroy() {
      for (const socket of connecting) socket.destroy(new ConnectError('ECANCELED', 'the client was closed'))
      plain.destroy()
      tls.destroy()
    },
  }
}

class ConnectError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
