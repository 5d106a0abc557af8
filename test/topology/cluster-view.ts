import { ask } from './ask.ts'

export interface ClusterNode {
  readonly id: string
  readonly port: number
  /** id of its master; undefined for a master */
  readonly master: string | undefined
  readonly slots: readonly (readonly [from: number, to: number])[]
}

/** The cluster as one of its nodes sees it. */
export interface ClusterView {
  readonly ok: boolean
  readonly epoch: number
  readonly nodes: readonly ClusterNode[]
  /** who owns what, to be compared with the view of another node */
  readonly owners: string
}

export async function viewOf(port: number): Promise<ClusterView> {
  const info = String(await ask(port, 'CLUSTER', 'INFO'))
  const nodes = String(await ask(port, 'CLUSTER', 'NODES'))
    .split('\n')
    .filter((line) => line !== '')
    .map(nodeOf)
  return {
    ok: /^cluster_state:ok\r$/m.test(info) && /^cluster_slots_ok:16384\r$/m.test(info),
    epoch: Number(/^cluster_current_epoch:(?<epoch>\d+)/m.exec(info)?.groups?.epoch),
    nodes,
    owners: nodes
      .filter(({ slots }) => slots.length > 0)
      .map(({ id, slots }) => `${id} ${slots.join(' ')}`)
      .toSorted()
      .join('\n'),
  }
}

/** `<id> <ip:port@cport> <flags> <master> <ping> <pong> <epoch> <link> <slot> ...`; a slot on its way is in brackets. */
function nodeOf(line: string): ClusterNode {
  const [id = '', address = '', , master = '-', , , , , ...slots] = line.split(' ')
  return {
    id,
    port: Number(/:(?<port>\d+)@/.exec(address)?.groups?.port),
    master: master === '-' ? undefined : master,
    slots: slots
      .filter((slot) => !slot.startsWith('['))
      .map((slot) => {
        const [from = Number.NaN, to = from] = slot.split('-').map(Number)
        return [from, to] as const
      }),
  }
}
