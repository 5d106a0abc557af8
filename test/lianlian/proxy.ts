import net from 'node:net'
import { startRaw } from './peer.ts'

/** An HTTP proxy that tunnels, and shows what it was asked and what went through. */
export interface TunnelProxy {
  readonly port: number
  /** the heads of all CONNECT requests */
  readonly heads: readonly string[]
  /** what clients sent into tunnels */
  readonly carried: () => Buffer
  readonly tunnels: ReadonlySet<net.Socket>
}

/** @param to every tunnel leads to this port of 127.0.0.1, whatever name was asked for */
export async function startProxy(to: number, answer = 'HTTP/1.1 200 Connection established'): Promise<TunnelProxy> {
  const heads: string[] = []
  const pieces: Buffer[] = []
  const tunnels = new Set<net.Socket>()
  const port = await startRaw((client) => {
    let head = ''
    const onData = (chunk: Buffer): void => {
      head += chunk.toString('latin1')
      if (!head.endsWith('\r\n\r\n')) return
      client.off('data', onData)
      heads.push(head)
      const gateway = net.connect(to, '127.0.0.1', () => client.write(`${answer}\r\n\r\n`))
      tunnels.add(client)
      client.on('data', (piece: Buffer) => pieces.push(piece))
      client.pipe(gateway).pipe(client)
      gateway.on('error', () => client.destroy())
      client.on('close', () => {
        tunnels.delete(client)
        gateway.destroy()
      })
    }
    client.on('data', onData)
  })
  return { port, heads, carried: () => Buffer.concat(pieces), tunnels }
}

/** The settings of a client that goes through the proxy on this port. */
export const through = (port: number, credentials = '') => ({
  proxyUrl: { reveal: () => `http://${credentials}127.0.0.1:${port}` },
})
