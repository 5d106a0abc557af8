import type { Ledger } from '../../src/flows/ports.ts'

/** A ledger that writes a decision over whatever stands there by now. */
export function withoutVersionCheck<L extends Ledger>(ledger: L): L {
  return {
    ...ledger,
    async commit(...[before, decision, extras]: Parameters<Ledger['commit']>) {
      let result = await ledger.commit(before, decision, extras)
      for (let tries = 0; result.kind === 'stale' && tries < 50; tries++) {
        const { record, unmatched, tombstone } = await ledger.read(decision.record)
        if (tombstone) return result
        result = await ledger.commit(record, decision, { ...extras, early: unmatched !== undefined })
      }
      return result
    },
  }
}

/** A ledger that writes the event in a second step, behind the commit. */
export function withoutOutboxInCommit<L extends Ledger>(ledger: L, append: (event: string) => Promise<void>): L {
  return {
    ...ledger,
    async commit(...[before, decision, extras]: Parameters<Ledger['commit']>) {
      const { event, ...silent } = decision
      const result = await ledger.commit(before, silent, extras)
      if (result.kind === 'done' && event) await append(JSON.stringify(event))
      return result
    },
  }
}

/** A ledger in which nothing is ever due. */
export function withoutSweeper<L extends Ledger>(ledger: L): L {
  return { ...ledger, takeDue: async () => ({ records: [] }) }
}
