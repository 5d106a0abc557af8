import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'

// Set up for every test file (vitest.config.ts): what a file opened and did not close fails that file.

/** What keeps a process alive though its work is done. Timers are left out: vitest's own come and go. */
const watched = new Set(['TCPSocketWrap', 'TCPServerWrap', 'TLSWrap', 'ProcessWrap'])
/** Sockets close in their own time after `destroy`. */
const graceMs = 2000
const lookMs = 20

let before: string[] = []

beforeAll(() => {
  before = open()
})

afterAll(async () => {
  const deadline = performance.now() + graceMs
  while (leaked().length > 0 && performance.now() < deadline) await sleep(lookMs)
  const left = leaked()
  if (left.length > 0) throw new Error(`the file's tests left open: ${left.join(', ')}`)
})

function open(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => watched.has(kind))
}

function leaked(): string[] {
  const known = [...before]
  return open().filter((kind) => {
    const at = known.indexOf(kind)
    if (at !== -1) known.splice(at, 1)
    return at === -1
  })
}
