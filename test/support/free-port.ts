export { freePort } from '../../src/embedded/free-port.ts'
