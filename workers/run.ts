import { hearHangUps } from './hang-ups.ts'
import type { Role } from './roles.ts'
import type { Composition } from './start.ts'

export type { Composition } from './start.ts'

const hangUps = hearHangUps()

/** A whole process. All that it is made of is loaded while SIGHUP is heard already. */
export async function run(names: readonly [Role, ...Role[]], composition?: Composition): Promise<void> {
  const { start } = await import('./start.ts')
  await start(names, hangUps, composition)
}
