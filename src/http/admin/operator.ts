import type { Operation, Stop } from '../../flows/overview.ts'

/** What the server does on an operator's word. `oid_partner` undefined: the whole fleet. */
export interface OperatorActions {
  readonly stop: (oid_partner: string | undefined, stop: Stop) => Promise<void>
  /** false: it was not stopped */
  readonly resume: (oid_partner: string | undefined) => Promise<boolean>
  /** writes it down for everybody to see */
  readonly operated: (operation: Operation) => Promise<void>
}
