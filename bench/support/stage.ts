import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanUps } from '../../src/demo/clean-ups.ts'
import { type RunningRedis, startRedis } from '../../src/embedded/redis.ts'
import { onceWeEnd } from '../../src/embedded/watchdog.ts'
import { type Program, type ProgramOptions, startProgram } from './program.ts'

/** PEM texts. */
export interface KeyPair {
  readonly privateKey: string
  readonly publicKey: string
}

/** What a part of the bench works with. All that is started here ends with the part. */
export interface Stage {
  /** fewer and shorter rounds: does it work, rather than how fast */
  readonly quick: boolean
  readonly merchant: KeyPair
  readonly gateway: KeyPair
  say(line: string): void
  redis(settings?: Readonly<Record<string, string>>): Promise<RunningRedis>
  program(options: Omit<ProgramOptions, 'folder'>): Promise<Program>
  onEnd(name: string, run: () => unknown): void
}

export interface OpenStage extends Stage {
  /** ends what was started since the last time */
  clear(): Promise<void>
  close(): Promise<void>
}

const REDIS = {
  appendonly: 'yes',
  appendfsync: 'everysec',
  // no round is hit by a rewrite that another does not have
  'auto-aof-rewrite-percentage': '0',
}

export async function openStage(quick: boolean, say: (line: string) => void): Promise<OpenStage> {
  const folder = await mkdtemp(join(tmpdir(), 'refund-bench-'))
  const untie = onceWeEnd('rm -rf -- "$1"', [folder])
  const ends = cleanUps(say)
  let clearing = Promise.resolve()
  let closing: Promise<void> | undefined
  return {
    quick,
    say,
    merchant: keyPair(),
    gateway: keyPair(),
    async redis(settings = {}) {
      const redis = await startRedis({ sources: ['program', 'package'], settings: { ...REDIS, ...settings } })
      ends.add('redis', () => redis.stop())
      return redis
    },
    async program(options) {
      const program = await startProgram({ ...options, folder })
      ends.add(options.name ?? options.program, () => program.stop())
      return program
    },
    onEnd: (name, run) => ends.add(name, run),
    clear,
    async close() {
      closing ??= close()
      return closing
    },
  }

  /** Two at once would share the work, and the first to be done would not wait for the other. */
  async function clear(): Promise<void> {
    clearing = clearing.then(() => ends.run())
    return clearing
  }

  async function close(): Promise<void> {
    await clear()
    untie()
    await rm(folder, { recursive: true, force: true })
  }
}

function keyPair(): KeyPair {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
}
