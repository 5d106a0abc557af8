import { killedBeforeRequest } from './cases/killed-before-request.ts'
import type { FaultCase } from './fault-case.ts'

/** All that may go wrong, in the order of the list in docs/safety.md. */
export const CASES: readonly FaultCase[] = [killedBeforeRequest]
