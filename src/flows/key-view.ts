/**
 * What a key is for.
 *
 * - `sign`: ours, the private half that signs what we send
 * - `verify`: LianLian's, the public half that verifies what it says
 */
export type KeyUse = 'sign' | 'verify'

/** One key of a merchant's settings, by its fingerprint. */
export interface KeyView {
  readonly oid_partner: string
  readonly use: KeyUse
  readonly fingerprint: string
  /** place in the settings, from 0; of those that sign, 0 does */
  readonly place: number
  /** when the settings had it first, epoch ms */
  readonly since: number
  /** when a process last had it in its settings, epoch ms */
  readonly seen: number
  /** when it was used last, epoch ms; absent: never */
  readonly last?: number
  readonly times: number
}

/** With which settings of merchants a process works. */
export interface LoadedSettings {
  /** `<host>:<pid>:<role>+<role>` */
  readonly process: string
  /** when they were loaded, epoch ms */
  readonly at: number
  /** the same for two processes that work with the same settings of merchants, and have the same keys: see `settingsVersions` */
  readonly digest: string
  /** faults that its files have now: it goes on with what it had before */
  readonly faults: number
  /** since when they have any, epoch ms */
  readonly failedSince?: number
}

/**
 * How many different settings of merchants are at work. Who signs tells of its private keys behind a `-`: of the rest it
 * agrees with a process that never signs, and has none.
 */
export function settingsVersions(loaded: readonly LoadedSettings[]): number {
  const digests = [...new Set(loaded.map(({ digest }) => digest))]
  return digests.filter((one) => !digests.some((other) => other.startsWith(`${one}-`))).length
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** A process tells of its keys every few seconds. */
const DROPPED_AFTER_MS = MINUTE_MS
/** A key is idle when it verified nothing for so long although another of its merchant did. */
const IDLE_MS = 7 * DAY_MS
/** For so long a key that should not have been dropped is told of. */
const REGRET_MS = DAY_MS

/** Whether the settings of some process have it now. */
export const isConfigured = ({ seen }: KeyView, now: number): boolean => now - seen < DROPPED_AFTER_MS

/**
 * LianLian's keys that verify nothing any more: to be dropped, or never changed over to. A merchant of whom nothing is
 * heard at all has none.
 */
export function idleKeys(keys: readonly KeyView[], now: number): readonly KeyView[] {
  return keys.filter((key) => {
    const quietSince = Math.max(key.since, key.last ?? 0)
    return isConfigured(key, now) && othersOf(key, keys).some(({ last = 0 }) => last - quietSince >= IDLE_MS)
  })
}

/**
 * LianLian's keys that are in no settings any more, while no other of their merchant has verified anything since they did:
 * LianLian may well go on signing with them.
 */
export function droppedInUse(keys: readonly KeyView[], now: number): readonly KeyView[] {
  return keys.filter((key) => {
    const { last, seen } = key
    if (last === undefined || isConfigured(key, now) || now - seen > REGRET_MS) return false
    const others = othersOf(key, keys)
    return others.some((other) => isConfigured(other, now)) && !others.some((other) => (other.last ?? 0) > last)
  })
}

/** The other keys that may verify the same; none for one that signs. */
function othersOf(key: KeyView, keys: readonly KeyView[]): readonly KeyView[] {
  if (key.use !== 'verify') return []
  return keys.filter((other) => other.use === 'verify' && other.oid_partner === key.oid_partner && other !== key)
}
