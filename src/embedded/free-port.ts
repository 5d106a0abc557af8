import { createServer } from 'node:net'

/** A TCP port of 127.0.0.1 that was free a moment ago. Another process may take it first: be ready to ask again. */
export async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const server = createServer()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => {
      if (address !== null && typeof address === 'object') resolve(address.port)
      else reject(new Error('a listening TCP server has no port'))
    })
  })
  return await promise
}
