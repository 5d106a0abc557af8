import { droppedInUse, idleKeys, isConfigured, type KeyView } from '../flows/key-view.ts'
import { shownDuration } from './duration.ts'
import type { Column } from './table.ts'

/**
 * - `signs`: ours, the one that signs
 * - `kept`: ours, in the settings, and does not sign
 * - `verifies`: LianLian's, used
 * - `unused`: LianLian's, in the settings, and has verified nothing yet
 * - `idle`: LianLian's, has verified nothing for 7 days although another has
 * - `dropped`: in no settings any more
 * - `dropped_in_use`: LianLian's, the same, and none has verified anything since
 */
export type KeyStanding = 'signs' | 'kept' | 'verifies' | 'unused' | 'idle' | 'dropped' | 'dropped_in_use'

const WORDS: Readonly<Record<KeyStanding, string>> = {
  signs: 'signs',
  kept: 'known, does not sign',
  verifies: 'verifies',
  unused: 'has verified nothing yet',
  idle: 'verifies nothing any more: may be dropped',
  dropped: 'dropped',
  dropped_in_use: 'DROPPED, and no other has verified anything since: put it back',
}

function keyStanding(key: KeyView, all: readonly KeyView[], now: number): KeyStanding {
  if (!isConfigured(key, now)) return droppedInUse(all, now).includes(key) ? 'dropped_in_use' : 'dropped'
  if (key.use === 'sign') return key.place === 0 ? 'signs' : 'kept'
  if (idleKeys(all, now).includes(key)) return 'idle'
  return key.last === undefined ? 'unused' : 'verifies'
}

export interface KeyRow extends KeyView {
  readonly standing: KeyStanding
}

/** Rows by merchant; ours first, as the settings have them, those that are dropped last. */
export function keyRows(all: readonly KeyView[], now: number): readonly KeyRow[] {
  const rows = all.map((key) => ({ ...key, standing: keyStanding(key, all, now) }))
  const rank = ({ oid_partner, use, standing, place }: KeyRow) =>
    `${oid_partner} ${use === 'sign' ? 0 : 1} ${standing.startsWith('dropped') ? 1 : 0} ${String(place).padStart(3, '0')}`
  return rows.toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1))
}

export function keyColumns(now: number): readonly Column<KeyRow>[] {
  const ago = (at: number | undefined) => (at === undefined ? 'never' : shownDuration(now - at))
  return [
    { title: 'MERCHANT', text: ({ oid_partner }) => oid_partner },
    { title: 'WHOSE', text: ({ use }) => (use === 'sign' ? 'ours' : "LianLian's") },
    { title: 'FINGERPRINT', text: ({ fingerprint }) => fingerprint },
    { title: 'KNOWN FOR', text: ({ since }) => ago(since), right: true },
    { title: 'LAST USE', text: ({ last }) => ago(last), right: true },
    { title: 'USES', text: ({ times }) => String(times), right: true },
    { title: 'STANDING', text: ({ standing }) => WORDS[standing] },
  ]
}
