import type { ReceivedRequest } from '../../src/simulator/events.ts'
import type { WorkerProcess } from './worker-process.ts'

/** Longer than any hash or id, shorter than a signature of 1024 bits (172 characters) or a line of a key file. */
const ALWAYS_A_SECRET = 100
/** So much of a key or a signature, told anywhere, is too much. */
const TOO_MUCH = 40
const BASE64_RUNS = new RegExp(`[A-Za-z0-9+/]{${TOO_MUCH},}`, 'g')
/** What requests, notifications and jobs are made of, and no log line: a body, in whole or in part. */
const BODY_FIELDS = /"(?:sign|money_refund|notify_url|no_order|oid_paybill|order_amount)":/g

/** Whatever of keys, signatures and bodies the workers wrote to their streams; empty is right. */
export function findLeaks(
  workers: readonly Pick<WorkerProcess, 'name' | 'stdout' | 'stderr'>[],
  requests: readonly ReceivedRequest[],
  settings: Readonly<Record<string, string>>,
): string[] {
  const keyLines = (settings.LIANLIAN_PRIVATE_KEY ?? '')
    .split('\n')
    .filter((line) => /^[A-Za-z0-9+/=]{40,}$/.test(line))
  const signs = requests.flatMap(({ fields: { sign } }) => (sign === undefined ? [] : [sign]))
  const secrets = [...keyLines, ...signs].map((secret) => secret.slice(0, TOO_MUCH))
  const isSecret = (run: string) => run.length >= ALWAYS_A_SECRET || secrets.some((secret) => run.includes(secret))
  return workers.flatMap((worker) => {
    const text = worker.stdout() + worker.stderr()
    const unescaped = text.replaceAll('\\"', '"').replaceAll('\\n', '\n')
    const runs = (unescaped.match(BASE64_RUNS) ?? []).filter(isSecret).map((run) => `${run.slice(0, 20)}...`)
    const fields = unescaped.match(BODY_FIELDS) ?? []
    return [...new Set([...runs, ...fields])].map((what) => `${worker.name}: ${what}`)
  })
}
