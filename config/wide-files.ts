import { readFileSync, realpathSync, statSync } from 'node:fs'

/** A file that holds a secret, and the setting that names it. */
export interface SecretFile {
  readonly setting: string
  readonly path: string
}

/** Whom a file is open to. */
export interface Access {
  /** permissions, `0o644` */
  readonly mode: number
  /** whether it belongs to the user of this process */
  readonly isOurs: boolean
  /** whether an orchestrator laid it out for this container alone */
  readonly isSealed: boolean
}

/** Looks at a file, through symbolic links; `undefined` when there is none, or no such thing as permissions. */
export type AccessOf = (path: string) => Access | undefined

/** Which secrets others can read or change, one line each with the setting first, and no path. */
export function wideFiles(files: readonly SecretFile[], accessOf: AccessOf = accessOnDisk): readonly string[] {
  return files.flatMap(({ setting, path }) => {
    const access = accessOf(path)
    const width = access && widthOf(access)
    return width === undefined ? [] : [`${setting}: ${width}`]
  })
}

/**
 * A group is no fault where it is how this process reads the file, as with `fsGroup` of Kubernetes: only an owner does
 * not need it.
 */
function widthOf({ mode, isOurs, isSealed: sealed }: Access): string | undefined {
  if (sealed) return undefined
  const [group, others] = [(mode >> 3) & 0o7, mode & 0o7]
  const octal = mode.toString(8).padStart(4, '0')
  if ((others & 0o6) !== 0) return `every user of this machine can ${verbs(others)} the file (mode ${octal}): chmod 400`
  if (isOurs && (group & 0o6) !== 0) return `its group can ${verbs(group)} the file (mode ${octal}): chmod 400`
  return undefined
}

function verbs(bits: number): string {
  return [(bits & 0o4) !== 0 && 'read', (bits & 0o2) !== 0 && 'change'].filter(Boolean).join(' and ')
}

function accessOnDisk(path: string): Access | undefined {
  const uid = process.getuid?.()
  if (uid === undefined) return undefined
  try {
    const stat = statSync(path)
    return {
      mode: stat.mode & 0o777,
      isOurs: stat.uid === uid,
      isSealed: isSealed(realpathSync(path), mountTable()),
    }
  } catch {
    // that it cannot be read is told elsewhere
    return undefined
  }
}

function mountTable(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    // not Linux
    return ''
  }
}

/**
 * Whether a file lies on a file system in memory that is mounted read-only: so Kubernetes and Swarm hand secrets to a
 * container, with mode 0644 or 0444 by default, and nobody outside of the container has that mount.
 *
 * @param path absolute, without symbolic links
 * @param mounts text of `/proc/self/mountinfo`
 */
export function isSealed(path: string, mounts: string): boolean {
  let nearest = { point: '', sealed: false }
  for (const line of mounts.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , , point = '', options = ''] = before.split(' ')
    const [type = ''] = after.split(' ')
    const holds = point === '/' || path === point || path.startsWith(`${point}/`)
    // of two on one point, the later one covers the other
    if (point === '' || !holds || point.length < nearest.point.length) continue
    nearest = { point, sealed: type === 'tmpfs' && options.split(',').includes('ro') }
  }
  return nearest.sealed
}
