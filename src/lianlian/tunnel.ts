import http from 'node:http'
import net from 'node:net'
import { ConnectError } from './connect-error.ts'

/** Where a tunnel leads. */
export interface Target {
  readonly host: string
  readonly port: number
}

/**
 * Opens a tunnel through an HTTP proxy (CONNECT). The tunnel stands when `done` is told no error; until then only the
 * proxy has heard anything, and of the gateway it heard host and port alone.
 *
 * @param proxy `http://host:port`, with user and password where it asks for them
 * @param done told exactly once
 * @returns the connection to the proxy; who destroys it ends the attempt
 */
export function openTunnel(proxy: URL, target: Target, done: (error: Error | null) => void): net.Socket {
  const socket = net.connect({ host: bare(proxy.hostname), port: Number(proxy.port || 80), noDelay: true })
  const authority = `${net.isIPv6(target.host) ? `[${target.host}]` : target.host}:${target.port}`
  const request = http.request({
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...authorization(proxy) },
    createConnection: () => socket,
  })
  // A proxy that answers anything, interim answers too, is heard by this event: CONNECT has no body to wait for.
  request.once('connect', ({ statusCode }, _socket, head) => {
    if (statusCode !== 200) fail(new ConnectError(`PROXY_ANSWERED_${statusCode}`, 'the proxy refused the tunnel'))
    // The gateway says nothing before it is spoken to, so this is the proxy's own.
    else if (head.length > 0) fail(new ConnectError('PROXY_SPOKE_FIRST', 'the proxy sent more than its answer'))
    else done(null)
  })
  request.once('error', (error) => fail(new ConnectError(`PROXY_${codeOf(error)}`, 'no tunnel could be made')))
  request.end()

  function fail(error: ConnectError): void {
    socket.destroy()
    done(error)
  }
  return socket
}

function authorization({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {}
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}

const bare = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1')

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'FAILED'
}
