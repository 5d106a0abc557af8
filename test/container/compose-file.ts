import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

const root = new URL('../../', import.meta.url)

const text = z.array(z.string())

const service = z.looseObject({
  image: z.string(),
  profiles: z.tuple([z.enum(['live', 'demo', 'observe'])]),
  command: text.default([]),
  environment: z.record(z.string(), z.string().nullable()).default({}),
  user: z.string().optional(),
  read_only: z.boolean().default(false),
  cap_drop: text.default([]),
  cap_add: text.default([]),
  security_opt: text.default([]),
  stop_grace_period: z.string(),
  networks: text.default(['default']),
  volumes: text.default([]),
  secrets: text.default([]),
  ulimits: z.record(z.string(), z.int()).default({}),
  ports: text.default([]),
  depends_on: z.record(z.string(), z.looseObject({})).default({}),
})

const composeFile = z.looseObject({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.object({ internal: z.boolean().default(false) })),
})

export type Service = z.infer<typeof service>

/** `docker-compose.yml` with its anchors followed and its variables as they are written. */
export const compose = composeFile.parse(parse(read('docker-compose.yml'), { merge: true, maxAliasCount: -1 }))

export function servicesOf(profile: 'live' | 'demo' | 'observe'): [name: string, service: Service][] {
  return Object.entries(compose.services).filter(([, { profiles }]) => profiles.includes(profile))
}

export function serviceNamed(name: string): Service {
  const found = compose.services[name]
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`)
  return found
}

/** `${X:-default}` and `${X-default}` as docker-compose reads them. */
export function interpolate(value: string, env: Record<string, string>): string {
  return value.replace(/\$\{(\w+)(:?)-([^}]*)\}/g, (_whole, name: string, colon: string, fallback: string) => {
    const given = env[name]
    return given === undefined || (colon === ':' && given === '') ? fallback : given
  })
}

/** What a container of the service has in its environment. A name without a value is taken from outside, or not set. */
export function environmentOf({ environment }: Service, env: Record<string, string> = {}): Record<string, string> {
  const values = Object.entries(environment).flatMap(([name, value]) => {
    const given = value === null ? env[name] : interpolate(value, env)
    return given === undefined ? [] : [[name, given] as const]
  })
  return { NODE_ENV: 'production', ...Object.fromEntries(values) }
}

/** `NAME=value` lines. */
export function readEnvFile(path: string): Record<string, string> {
  const lines = read(path).split('\n')
  return Object.fromEntries(
    lines
      .filter((line) => /^\w+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

export function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}
