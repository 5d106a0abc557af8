/** `node bench/our-worker.ts ROLE...`: the real composition of `workers/`, in a process that tells what it uses. */
import { type Role, roles } from '../workers/roles.ts'
import { run } from '../workers/run.ts'
import { answering, ready, usage } from './support/answering.ts'
import { profiling } from './support/profiling.ts'

const isRole = (name: string): name is Role => Object.hasOwn(roles, name)
const [first, ...others] = process.argv.slice(2).filter(isRole)
if (!first) throw new Error('which roles?')

answering({ usage, ...profiling() })
await run([first, ...others])
ready()
