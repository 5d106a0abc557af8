import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Fleet, type FleetOptions, startFleet } from '../e2e/fleet.ts'
import { gatewayKeys, merchantKeys, PARTNER } from '../e2e/settings.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'

export const ONE = PARTNER
export const TWO = '201408071000001543'

export interface Entry {
  readonly oid_partner: string
  readonly [field: string]: unknown
}

export const oneEntry: Entry = {
  oid_partner: ONE,
  privateKey: merchantKeys.privateKey,
  publicKey: gatewayKeys.publicKey,
}

export interface Platform {
  readonly fleet: Fleet
  readonly path: string
  /** Replaces the file at once, as whoever cares does. */
  write(merchants: readonly Entry[]): void
  writeText(text: string): void
  /** Waits until every worker has said so once more than before. */
  said(message: string, times: number): Promise<void>
}

/** A fleet whose merchants stand in a file. */
export async function startPlatform(merchants: readonly Entry[], options: FleetOptions): Promise<Platform> {
  const folder = mkdtempSync(join(tmpdir(), 'merchants-'))
  cleanUp(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'merchants.json')
  const writeText = (text: string) => {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  const write = (entries: readonly Entry[]) => writeText(JSON.stringify({ merchants: entries }))
  write(merchants)
  const fleet = await startFleet({
    ...options,
    settings: { LIANLIAN_OID_PARTNER: '', LIANLIAN_PRIVATE_KEY: '', MERCHANTS_FILE: path, ...options.settings },
  })
  cleanUp(() => fleet.stop())
  return {
    fleet,
    path,
    write,
    writeText,
    said: async (message, times) => {
      await eventually(
        () => fleet.workers.every((worker) => worker.log().filter(({ msg }) => msg === message).length >= times),
        { timeoutMs: 20_000 },
      )
    },
  }
}

/** Whether anything of a private key stands in what the workers wrote. */
export function keyTextIn(fleet: Fleet, privateKeys: readonly string[]): boolean {
  const written = fleet.workers.map((worker) => worker.stdout() + worker.stderr()).join('\n')
  const lines = privateKeys.flatMap((pem) => pem.split('\n').filter((line) => line.length > 40))
  return lines.some((line) => written.includes(line))
}
