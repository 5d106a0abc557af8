import { closeSync, openSync, readSync } from 'node:fs'

const CHUNK = 256 * 1024

/** Reads a growing file of lines. Each call of `next` gives the lines that were completed since the last one. */
export function tail(file: string) {
  const fd = openSync(file, 'r')
  const buffer = Buffer.alloc(CHUNK)
  let rest = Buffer.alloc(0)
  return {
    next(): string[] {
      const lines: string[] = []
      for (let bytes = readSync(fd, buffer); bytes > 0; bytes = readSync(fd, buffer)) {
        const known = Buffer.concat([rest, buffer.subarray(0, bytes)])
        const end = known.lastIndexOf('\n') + 1
        const text = known.subarray(0, Math.max(0, end - 1)).toString('utf8')
        if (end > 0) lines.push(...text.split('\n'))
        rest = known.subarray(end)
      }
      return lines
    },
    close: () => closeSync(fd),
  }
}
