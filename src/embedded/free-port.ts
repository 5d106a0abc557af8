import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the ports that systems hand out to connections by themselves: those are taken again within milliseconds. */
const LOWEST = 27_000
const HIGHEST = 32_000
const TRIES = 100

/** None is told twice: who was told it first may not have taken it yet. */
const told = new Set<number>()

/** A TCP port of 127.0.0.1 that was free a moment ago. Another process may take it first: be ready to ask again. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(LOWEST, HIGHEST)
    if (told.has(port) || !(await isFree(port))) continue
    told.add(port)
    return port
  }
  throw new Error(`${TRIES} ports between ${LOWEST} and ${HIGHEST} are taken`)
}

export async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  return await promise
}
