/** A worker process of the fault suite: the product's own, but for what its plan changes. */
import { flushCompileCache } from 'node:module'
import { createParts } from '../../workers/parts.ts'
import { roles } from '../../workers/roles.ts'
import { run } from '../../workers/run.ts'
import { breakpoints } from './breakpoints.ts'
import { careless } from './careless.ts'
import { watchedParts } from './instrument.ts'
import { planSchema } from './plan.ts'

const { roles: names, stopAt, clockOffsetMs, without } = planSchema.parse(JSON.parse(process.argv[2] ?? '{}'))

if (clockOffsetMs !== 0) {
  const trueNow = Date.now
  Date.now = () => trueNow() + clockOffsetMs
}

const stop = breakpoints(stopAt)
const wrong = careless(without)
await run(names, {
  createParts: (...given) => wrong.parts(watchedParts(createParts(...given), stop)),
  roles: wrong.roles(roles),
})
// most end by kill -9, before Node would write it
flushCompileCache()
