import { run } from './run.ts'

/** Every role in one process; also `npm start`. */
await run(['submit', 'query', 'publish', 'receive', 'admin'])
