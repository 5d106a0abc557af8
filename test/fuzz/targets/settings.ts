import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { type Loaded, loadSettings } from '../../../config/load.ts'
import { keyChecks } from '../../../workers/key-checks.ts'
import type { Random } from '../../simulation/random.ts'
import { gateway, merchant, publicPem } from '../gateway-keys.ts'
import { notMoney, Secrets, unclear } from '../guards.ts'
import { mutateBytes } from '../mutate/bytes.ts'
import { jsonOf, mutateJson, written } from '../mutate/json.ts'
import { type Input, type Target, tally } from '../target.ts'

const PUBLIC = publicPem(gateway.native)
const PASSWORDS = ['hunter-redis-7f3a91', 'hunter-admin-c1d2e3']
const secrets = new Secrets([...PASSWORDS, ...merchant.pem.split('\n').filter((line) => !line.startsWith('-----'))])

const linesOf = (name: string): readonly unknown[] =>
  readFileSync(new URL(`../corpus/${name}.txt`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const SETTINGS = linesOf('settings')
const MERCHANTS = linesOf('merchants')

const KINDS = ['settings file', 'merchants file', 'environment', 'private key', 'public key'] as const
type Kind = (typeof KINDS)[number]
type Load = (env: Readonly<Record<string, string>>, options: Parameters<typeof loadSettings>[1]) => Loaded

/** The settings of a start, from files and variables that may hold anything. */
export function settingsTarget(load: Load = loadSettings): Target {
  const counts = new Map<string, number>()
  return {
    name: 'settings',
    share: 3,
    slowMs: 400,
    counts,
    make,
    check(input) {
      const loaded = load(...sourcesOf(input))
      tally(counts, `${input.note}: ${loaded.ok ? 'taken' : 'refused'}`)
      return loaded.ok ? wrongSettings(loaded.settings) : wrongFaults(loaded.faults)
    },
  }
}

function make(random: Random): Input {
  const note = random.pick(KINDS)
  return { note, vouched: [], bytes: bytesOf(random, note) }
}

function bytesOf(random: Random, kind: Kind): Buffer {
  if (kind === 'private key') return mutateBytes(random, keyText(random, merchant.pem), 2)
  if (kind === 'public key') return mutateBytes(random, keyText(random, PUBLIC), 2)
  const corpus = kind === 'merchants file' ? MERCHANTS : SETTINGS
  let json = jsonOf(corpus[random.between(0, corpus.length - 1)])
  for (let times = random.between(0, 3); times > 0; times--) json = mutateJson(random, json)
  const bytes = Buffer.from(written(json, random))
  return random.chance(0.1) && kind !== 'environment' ? mutateBytes(random, bytes) : bytes
}

/** A key in one of the forms in which keys come. */
function keyText(random: Random, pem: string): Buffer {
  const bare = pem.replaceAll(/-----[A-Z ]+-----/g, '').trim()
  return Buffer.from(
    random.pick([pem, pem, bare, bare.replaceAll('\n', ''), pem.replaceAll('\n', '\\n'), `${pem},${pem}`]),
  )
}

function sourcesOf({ bytes, note }: Input): Parameters<Load> {
  const given = bytes.toString('utf8')
  const files: Readonly<Record<string, string>> = {
    '/c/key.pem': note === 'private key' ? given : merchant.pem,
    '/c/public.pem': note === 'public key' ? given : PUBLIC,
    '/c/settings.json': note === 'settings file' ? given : JSON.stringify(SETTINGS[0]),
    '/c/merchants.json': note === 'merchants file' ? given : JSON.stringify(MERCHANTS[1]),
  }
  const readFile = (path: string): string => {
    const text = Object.hasOwn(files, path) ? files[path] : undefined
    if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
    return text
  }
  return [environmentOf(note, given), { readFile, checks: keyChecks, accessOf: () => undefined }]
}

function environmentOf(note: string, given: string): Record<string, string> {
  switch (note) {
    case 'settings file':
      return { CONFIG_FILE: '/c/settings.json' }
    case 'merchants file':
      return { REDIS_URL: 'redis://127.0.0.1:6379', MERCHANTS_FILE: '/c/merchants.json' }
    case 'environment':
      return textsIn(given)
    default:
      return { CONFIG_FILE: '/c/settings.json', LIANLIAN_PUBLIC_KEY_FILE: '/c/public.pem' }
  }
}

function textsIn(json: string): Record<string, string> {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return {}
  }
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).filter(([, each]) => typeof each === 'string'))
}

/** Names a setting, or the place in a file, then says what is expected. */
const FAULT = /^\S.*: .*[a-z]{2}/

function wrongFaults(faults: readonly string[]): string | undefined {
  if (faults.length === 0) return 'refused without a fault'
  for (const fault of faults) {
    const bad = unclear(fault, { longest: 400, subject: FAULT, secrets })
    if (bad !== undefined) return bad
  }
  return undefined
}

function wrongSettings(settings: Extract<Loaded, { ok: true }>['settings']): string | undefined {
  for (const { oid_partner, policy } of settings.merchants) {
    if (!/^[0-9]{18}$/.test(oid_partner)) return 'a merchant without a number'
    const caps = [policy?.maxRefundFen, policy?.dailyCapFen, settings.policy.maxRefundFen, settings.policy.dailyCapFen]
    const bad = caps.filter((fen) => fen !== undefined).map(notMoney)
    if (bad.some((wrong) => wrong !== undefined)) return 'a cap that is no money'
  }
  const odd = strangeNumber(settings, '')
  if (odd !== undefined) return `a number that is none at ${odd}`
  const shown = `${JSON.stringify(settings)}\n${inspect(settings, { depth: 9 })}`
  return secrets.in(shown) ? 'the settings show a secret' : undefined
}

function strangeNumber(value: unknown, at: string): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? undefined : at
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, each] of Object.entries(value)) {
    const found = strangeNumber(each, `${at}.${name}`)
    if (found !== undefined) return found
  }
  return undefined
}
