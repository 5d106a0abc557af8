import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { ConnectError } from './connect-error.ts'
import { pinFault } from './pinned-keys.ts'
import { openTunnel } from './tunnel.ts'

/**
 * Keep-alive agents that give a request its socket only once the socket is connected, under TLS once the handshake is
 * done and the certificate checked, through a proxy once the tunnel stands.
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

/** The way to the gateway. */
export interface ConnectOptions {
  /** how long DNS, TCP, tunnel and TLS may take together */
  readonly connectTimeoutMs: number
  /** PEM; these certificates are trusted in place of the system's */
  readonly ca?: string
  /** SHA-256 of public keys in base64, of which the gateway must have one */
  readonly pinnedKeys?: readonly string[]
  /** an HTTP proxy that tunnels every call; may carry a password */
  readonly proxy?: URL
}

type Deliver = (error: Error | null, socket: Duplex) => void
type Dial = (tunnel?: Duplex) => Duplex | null | undefined

// A kept socket that the gateway closes just as we write costs a refund its certainty, and so a query and a
// quarantine. Idle sockets are dropped before common servers do (5 s and more); Node also obeys `Keep-Alive: timeout`.
const IDLE_MS = 4000

const KEEP = { keepAlive: true, timeout: IDLE_MS } as const

export function connectedAgents({ connectTimeoutMs, ca, pinnedKeys, proxy }: ConnectOptions): ConnectedAgents {
  const connecting = new Set<Duplex>()

  /** Delivers exactly once: Node does not tell a request that it was destroyed until its connection is settled. */
  function deliverWhen(ready: 'connect' | 'secureConnect', socket: Duplex, deliver: Deliver, withinMs: number): void {
    connecting.add(socket)
    const timer = setTimeout(() => socket.destroy(tooLong()), withinMs)
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
      settle(faultOf(socket))
    })
  }

  /** Asked of every new connection, plain ones too: without TLS there is no key that could be the right one. */
  function faultOf(socket: Duplex): Error | null {
    const fault = pinnedKeys ? pinFault(socket, pinnedKeys) : null
    if (fault) socket.destroy()
    return fault
  }

  function connect(ready: 'connect' | 'secureConnect', target: Target, dial: Dial, deliver: Deliver): void {
    if (!proxy) {
      const socket = dial()
      if (socket) deliverWhen(ready, socket, deliver, connectTimeoutMs)
      return
    }
    const start = performance.now()
    const tunnel = openTunnel(proxy, addressOf(target), (error) => {
      clearTimeout(timer)
      connecting.delete(tunnel)
      const socket = error ? null : dial(tunnel)
      if (!socket) deliver(error ?? faultOf(tunnel), tunnel)
      else deliverWhen(ready, socket, deliver, Math.max(1, connectTimeoutMs - (performance.now() - start)))
    })
    connecting.add(tunnel)
    const timer = setTimeout(() => tunnel.destroy(tooLong()), connectTimeoutMs)
  }

  class PlainAgent extends http.Agent {
    override createConnection(options: http.ClientRequestArgs, deliver?: Deliver): undefined {
      // Through a proxy the tunnel is the connection already.
      const dial = (tunnel?: Duplex) => (tunnel ? undefined : super.createConnection(options))
      if (deliver) connect('connect', options, dial, deliver)
    }
  }

  class TlsAgent extends https.Agent {
    override createConnection(options: https.RequestOptions, deliver?: Deliver): undefined {
      const dial = (socket?: Duplex) => {
        const over: https.RequestOptions & { readonly socket?: Duplex } = socket ? { ...options, socket } : options
        return super.createConnection(over)
      }
      if (deliver) connect('secureConnect', options, dial, deliver)
    }
  }

  const plain = new PlainAgent(KEEP)
  const tls = new TlsAgent({
    ...KEEP,
    // Said outright, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would otherwise switch checking off.
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(ca !== undefined && { ca }),
    // A resumed session shows no certificate, and so no key.
    ...(pinnedKeys && { maxCachedSessions: 0 }),
  })
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

type Target = http.ClientRequestArgs

function addressOf({ host, port, defaultPort }: Target) {
  return { host: host ?? 'localhost', port: Number(port ?? defaultPort) }
}

const tooLong = () => new ConnectError('ETIMEDOUT', 'connecting took too long')
