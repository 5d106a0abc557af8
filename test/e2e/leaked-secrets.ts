import type { ReceivedRequest } from '../../src/simulator/events.ts'
import type { WorkerProcess } from './worker-process.ts'

/** Longer than any hash or id, shorter than a signature of 1024 bits (172 characters) or a line of a key file. */
const BASE64_RUN = /[A-Za-z0-9+/]{100,}/

/** Whatever of keys, signatures and request bodies the workers wrote to their streams; empty is right. */
export function findLeaks(
  workers: readonly WorkerProcess[],
  requests: readonly ReceivedRequest[],
  settings: Readonly<Record<string, string>>,
): string[] {
  const keyLines = (settings.LIANLIAN_PRIVATE_KEY ?? '')
    .split('\n')
    .filter((line) => /^[A-Za-z0-9+/=]{40,}$/.test(line))
  const secrets = [
    ...keyLines.map((line) => line.slice(0, 40)),
    ...requests.flatMap(({ fields: { sign } }) => (sign === undefined ? [] : [sign.slice(0, 40)])),
    ...requests.map(({ body }) => body),
  ]
  return workers.flatMap((worker) => {
    const text = worker.stdout() + worker.stderr()
    const unescaped = text.replaceAll('\\"', '"').replaceAll('\\n', '\n')
    const found = secrets.filter((secret) => unescaped.includes(secret)).map((secret) => secret.slice(0, 20))
    const run = BASE64_RUN.exec(unescaped)?.[0]
    return [...found, ...(run === undefined ? [] : [run.slice(0, 20)])].map((what) => `${worker.name}: ${what}...`)
  })
}
