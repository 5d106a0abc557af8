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
  #times = new Map<string, number>()

  /** The keys that the settings have now. */
  have(entries: readonly Entry[]): void {
    this.#entries = entries
  }

  /** @returns what to call at every use */
  used(oid_partner: string, use: KeyUse): (fingerprint: string) => void {
    return (fingerprint) => {
      const name = nameOf({ oid_partner, use, fingerprint })
      this.#times.set(name, (this.#times.get(name) ?? 0) + 1)
    }
  }

  /** Every key with its uses since the last time. */
  take(): readonly (Entry & { readonly times: number })[] {
    const times = this.#times
    this.#times = new Map()
    return this.#entries.map((entry) => ({ ...entry, times: times.get(nameOf(entry)) ?? 0 }))
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
