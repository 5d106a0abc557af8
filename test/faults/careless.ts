import type { Parts } from '../../workers/parts.ts'
import type { Composition } from '../../workers/run.ts'
import type { Defence } from '../defences/names.ts'

/** The parts of a process with one defence switched off. */
export function carelessParts(parts: Parts, _without: Defence | undefined): Parts {
  return parts
}

export function carelessRoles(roles: Composition['roles'], _without: Defence | undefined): Composition['roles'] {
  return roles
}
