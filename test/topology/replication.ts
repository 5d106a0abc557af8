import { eventually } from '../support/eventually.ts'
import { ask } from './ask.ts'
import type { Server } from './server.ts'

/** A full copy is made at once instead of after five seconds. */
export const replicationSettings = { 'repl-diskless-sync-delay': '0', 'repl-ping-replica-period': '1' } as const

/** Waits until the replica has a link to its master and all that was written. */
export async function inSync(replica: Server): Promise<void> {
  await eventually(async () => (await infoOf(replica.port)).get('master_link_status') === 'up', { timeoutMs: 20_000 })
}

/**
 * Cuts a master off from its replicas, while clients still reach it: what is written from now on is lost should the
 * master be. `mendReplication` lets them back.
 */
export async function breakReplication(master: Server): Promise<void> {
  await ask(master.port, 'ACL', 'SETUSER', 'default', '-psync', '-sync')
  await ask(master.port, 'CLIENT', 'KILL', 'TYPE', 'replica')
}

/**
 * A replica whose PSYNC is refused tries SYNC at once, by which it would follow without ever acknowledging a write: that
 * stays forbidden, lest it come between the two.
 */
export async function mendReplication(master: Server): Promise<void> {
  await ask(master.port, 'ACL', 'SETUSER', 'default', '+psync')
}

/** What `INFO replication` says, line by line. */
export async function infoOf(port: number): Promise<Map<string, string>> {
  const text = String(await ask(port, 'INFO', 'replication'))
  return new Map(
    text
      .split('\r\n')
      .map((line) => line.split(':'))
      .map(([name = '', ...rest]) => [name, rest.join(':')]),
  )
}
