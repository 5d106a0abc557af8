import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Rows put aside on disk in parts, by their key: what belongs together comes back together, one part at a time. */
export interface Spill {
  readonly parts: number
  add(key: string, row: readonly (string | number)[]): void
  /**
   * The rows of a part, in the order in which they came. Call it once everything is added.
   *
   * @throws Error when they are not as many as were added
   */
  read(part: number): string[][]
  /** Removes the files; may be called twice. */
  remove(): void
}

const BUFFER = 16_384

/** @param folder where a folder of its own is made, which nobody else can read */
export function openSpill(folder: string, parts: number): Spill {
  const own = mkdtempSync(path.join(folder, 'refundctl-books-'))
  const names = Array.from({ length: parts }, (_, part) => path.join(own, String(part)))
  const files = names.map((name) => openSync(name, 'wx', 0o600))
  const waiting = files.map(() => '')
  const added = files.map(() => 0)
  let open = true

  function flush(part: number): void {
    // all of it or an error: a disk that is all but full takes the beginning of a single write, and says nothing
    writeFileSync(files[part] ?? -1, waiting[part] ?? '')
    waiting[part] = ''
  }

  function close(): void {
    if (open) for (const file of files) closeSync(file)
    open = false
  }

  return {
    parts,
    add(key, row) {
      const part = hash(key) % parts
      waiting[part] += `${row.join('\t')}\n`
      added[part] = (added[part] ?? 0) + 1
      if ((waiting[part]?.length ?? 0) > BUFFER) flush(part)
    },
    read(part) {
      flush(part)
      const text = readFileSync(names[part] ?? '', 'utf8')
      const rows = text === '' ? [] : text.slice(0, -1).split('\n')
      if (rows.length !== added[part]) {
        throw new Error(`${added[part]} rows were put aside in ${own}, and ${rows.length} came back`)
      }
      return rows.map((row) => row.split('\t'))
    },
    remove() {
      close()
      rmSync(own, { recursive: true, force: true })
    },
  }
}

/** 32-bit FNV-1a. */
function hash(key: string): number {
  let state = 0x81_1c_9d_c5
  for (let at = 0; at < key.length; at++) state = Math.imul(state ^ key.charCodeAt(at), 0x01_00_01_93)
  return state >>> 0
}
