import { run } from '../../workers/run.ts'

// A worker that is told to load its settings anew in the moment in which it starts.
process.kill(process.pid, 'SIGHUP')
await run(['publish'])
