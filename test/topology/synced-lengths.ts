import { basename } from 'node:path'

/**
 * How long every file was at its last completed fsync or fdatasync: what a disk without power still has. A sync covers
 * what was written before it began, not what other threads wrote while it ran.
 *
 * @param trace lines of `strace -f -y -s 0` in the order of the calls
 * @param before the files' lengths, by name, when the server started
 */
export function syncedLengths(trace: string, before: ReadonlyMap<string, number>): Map<string, number> {
  const disk = new Disk(before)
  for (const line of trace.split('\n')) {
    const call = calls.find(({ pattern }) => pattern.test(line))
    call?.happened(disk, call.pattern.exec(line)?.groups ?? {})
  }
  return disk.synced
}

interface Call {
  readonly pattern: RegExp
  readonly happened: (disk: Disk, groups: Readonly<Record<string, string | undefined>>) => void
}

/** A call during which another thread made one stands on two lines: how it began, and how it ended. */
const calls: readonly Call[] = [
  {
    pattern: /^\d+ +write\(\d+<(?<path>[^>]*)>.* = (?<bytes>\d+)$/,
    happened: (disk, { path, bytes }) => disk.write(nameOf(path), Number(bytes)),
  },
  {
    pattern: /^(?<thread>\d+) +write\(\d+<(?<path>[^>]*)>.* <unfinished \.\.\.>$/,
    happened: (disk, { thread, path }) => disk.writing.set(thread ?? '', nameOf(path)),
  },
  {
    pattern: /^(?<thread>\d+) +<\.\.\. write resumed>.* = (?<bytes>\d+)$/,
    happened: (disk, { thread, bytes }) => disk.write(disk.writing.get(thread ?? '') ?? '', Number(bytes)),
  },
  {
    pattern: /^\d+ +f(?:data)?sync\(\d+<(?<path>[^>]*)>\) += 0$/,
    happened: (disk, { path }) => disk.sync(nameOf(path), disk.lengthOf(nameOf(path))),
  },
  {
    pattern: /^(?<thread>\d+) +f(?:data)?sync\(\d+<(?<path>[^>]*)> <unfinished \.\.\.>$/,
    happened: (disk, { thread, path }) => {
      disk.syncing.set(thread ?? '', { name: nameOf(path), length: disk.lengthOf(nameOf(path)) })
    },
  },
  {
    pattern: /^(?<thread>\d+) +<\.\.\. f(?:data)?sync resumed>\) += 0$/,
    happened: (disk, { thread }) => {
      const begun = disk.syncing.get(thread ?? '')
      if (begun) disk.sync(begun.name, begun.length)
    },
  },
  {
    pattern: /^\d+ +f?truncate\((?:"(?<name>[^"]*)"|\d+<(?<path>[^>]*)>), (?<length>\d+)\) += 0$/,
    happened: (disk, { name, path, length }) => disk.truncate(nameOf(name ?? path), Number(length)),
  },
  {
    pattern: /^\d+ +rename\("(?<from>[^"]*)", "(?<to>[^"]*)"\) += 0$/,
    happened: (disk, { from, to }) => disk.rename(nameOf(from), nameOf(to)),
  },
]

const nameOf = (path: string | undefined): string => basename(path ?? '')

class Disk {
  readonly #written: Map<string, number>
  readonly synced: Map<string, number>
  /** by thread, what it is about */
  readonly writing = new Map<string, string>()
  readonly syncing = new Map<string, { readonly name: string; readonly length: number }>()

  constructor(before: ReadonlyMap<string, number>) {
    this.#written = new Map(before)
    this.synced = new Map(before)
  }

  lengthOf(name: string): number {
    return this.#written.get(name) ?? 0
  }

  write(name: string, bytes: number): void {
    this.#written.set(name, this.lengthOf(name) + bytes)
  }

  sync(name: string, length: number): void {
    this.synced.set(name, length)
  }

  truncate(name: string, length: number): void {
    this.#written.set(name, length)
    this.synced.set(name, Math.min(this.synced.get(name) ?? 0, length))
  }

  /** Names are taken as durable at once: Redis syncs the folder itself. */
  rename(from: string, to: string): void {
    for (const lengths of [this.#written, this.synced]) {
      lengths.set(to, lengths.get(from) ?? 0)
      lengths.delete(from)
    }
  }
}
