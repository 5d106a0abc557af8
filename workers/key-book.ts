import type { KeyUse } from '../src/flows/key-view.ts'

interface Entry {
  readonly oid_partner: string
  readonly use: KeyUse
  readonly fingerprint: string
  readonly place: number
}

/** Counts what this process uses keys for, until somebody takes the counts away. */
export class KeyBook {
  #entries: readonly Entry[] = []
  /** keys that have left the settings: what was under way may still use them, and what they did before is to be told */
  #former: readonly Entry[] = []
  #times = new Map<string, number>()

  /** The keys that the settings have now. */
  have(entries: readonly Entry[]): void {
    const names = new Set(entries.map(nameOf))
    this.#former = [...this.#former, ...this.#entries].filter((entry) => !names.has(nameOf(entry)))
    this.#entries = entries
  }

  /** @returns what to call at every use */
  used(key: Omit<Entry, 'place'>): () => void {
    const name = nameOf(key)
    return () => this.#times.set(name, (this.#times.get(name) ?? 0) + 1)
  }

  /** Every key with its uses since the last time; one that has left the settings only where it has any. */
  take(): readonly (Entry & { readonly times: number })[] {
    const times = this.#times
    this.#times = new Map()
    const counted = (entry: Entry) => ({ ...entry, times: times.get(nameOf(entry)) ?? 0 })
    return [...this.#former.map(counted).filter((entry) => entry.times > 0), ...this.#entries.map(counted)]
  }

  /** What could not be told is counted on. */
  giveBack(taken: readonly (Entry & { readonly times: number })[]): void {
    for (const entry of taken) {
      const name = nameOf(entry)
      if (entry.times > 0) this.#times.set(name, (this.#times.get(name) ?? 0) + entry.times)
    }
  }
}

const nameOf = ({ oid_partner, use, fingerprint }: Omit<Entry, 'place'>) => `${oid_partner} ${use} ${fingerprint}`
