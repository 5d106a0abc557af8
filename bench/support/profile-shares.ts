/** A V8 CPU profile, as far as it is read here. */
export interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples?: readonly number[] | undefined
  readonly timeDeltas?: readonly number[] | undefined
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string }
  readonly children?: readonly number[] | undefined
}

/** Time of a call counts for the innermost part that is on its stack: what Node does for `got` is got's. */
const PARTS: readonly (readonly [part: string, place: RegExp])[] = [
  ['signing and verifying', /\/node-rsa\/|node:internal\/crypto|src\/lianlian\/(?:keys|signature|source)/],
  [
    'HTTP',
    /\/(?:got|cacheable-request|keyv|http-cache-semantics|get-stream|fastify|find-my-way)\/|node:_http|node:http|src\/http\/|src\/lianlian\/(?:transport|connected-agent)/,
  ],
  ['ledger and outbox', /src\/(?:ledger|redis)\//],
  ['queues (BullMQ, ioredis)', /\/(?:bullmq|ioredis|redis-parser|@ioredis)\/|src\/queue\//],
  ['decision', /src\/(?:refund|flows|lianlian)\/|bench\/naive/],
  ['logging', /\/(?:pino|@pinojs|sonic-boom|thread-stream)\//],
]
const IDLE = new Set(['(idle)'])

/** @returns ms of the main thread by part, the idle time left out */
export function shares({ nodes, samples = [], timeDeltas = [] }: Profile): Record<string, number> {
  const partOf = new Map<number, string>()
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const visit = (id: number, inherited: string): void => {
    const node = byId.get(id)
    if (!node) return
    const part = ownPart(node) ?? inherited
    partOf.set(id, part)
    for (const child of node.children ?? []) visit(child, part)
  }
  const [root] = nodes
  if (root) visit(root.id, 'Node.js (sockets, timers)')
  const sums: Record<string, number> = {}
  for (const [index, id] of samples.entries()) {
    const part = partOf.get(id) ?? 'idle'
    if (part !== 'idle') sums[part] = (sums[part] ?? 0) + (timeDeltas[index] ?? 0) / 1000
  }
  return sums
}

function ownPart({ callFrame: { functionName, url } }: ProfileNode): string | undefined {
  if (IDLE.has(functionName)) return 'idle'
  if (functionName === '(garbage collector)') return 'garbage collection'
  return PARTS.find(([, place]) => place.test(url))?.[0]
}
