import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidArgumentError, Option } from 'commander'
import { type Io, put, say } from './io.ts'

const EVERY_S = 2

export const watchOption = () =>
  new Option('--watch [seconds]', 'show it again and again').preset(String(EVERY_S)).argParser((text) => {
    const seconds = Number(text)
    if (!/^\d{1,5}(?:\.\d{1,2})?$/.test(text) || seconds <= 0) throw new InvalidArgumentError('Expected seconds.')
    return seconds
  })

/**
 * Reads and shows once, or again and again until Ctrl-C.
 *
 * @param seconds absent: once
 */
export async function watched<T>(
  io: Io,
  seconds: number | undefined,
  read: () => Promise<T>,
  show: (value: T) => Promise<void>,
): Promise<void> {
  if (seconds === undefined) return show(await read())
  const stopped = new AbortController()
  const stop = () => stopped.abort()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    while (!stopped.signal.aborted) {
      const value = await read()
      // read before: what is shown stays until what comes is there
      if (io.stdout.isTTY) await put(io.stdout, '\u001b[H\u001b[2J\u001b[3J')
      await show(value)
      if (io.stdout.isTTY) say(io, `every ${seconds} s; Ctrl-C ends`)
      await rest(seconds * 1_000, stopped.signal)
    }
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch {
    // stopped meanwhile
  }
}
