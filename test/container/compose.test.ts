import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadSettings } from '../../config/load.ts'
import { type SettingName, schema, settingNames } from '../../config/schema.ts'
import { doesSign } from '../../workers/roles.ts'
import {
  compose,
  environmentOf,
  interpolate,
  read,
  readEnvFile,
  type Service,
  serviceNamed,
  servicesOf,
} from './compose-file.ts'

const roles = ['submit', 'query', 'publish', 'receive', 'admin'] as const
const KEY_MAKER = 'demo-keys'

const isOurs = ({ image }: Service): boolean => interpolate(image, {}) === 'lianlian-refund-worker'
/** Any text passes for a key here: `readFile` is a test's own. */
const readFile = () => 'the content of a file'

test('every role has one service in the fleet and one in the demo', () => {
  for (const role of roles) {
    expect(existsSync(new URL(`../../workers/${role}.ts`, import.meta.url))).toBe(true)
    for (const name of [role, `demo-${role}`]) {
      expect(serviceNamed(name).command).toEqual(['node', `dist/workers/${role}.js`])
    }
  }
  expect(servicesOf('live').map(([name]) => name)).toEqual(['redis', ...roles])
})

test('every container is read-only and gains no privilege, and ours have no capability and are not root', () => {
  for (const [name, service] of Object.entries(compose.services)) {
    expect(service, name).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
    if (!isOurs(service)) continue
    expect(service.cap_add, name).toEqual([])
    // The keys of the demo go into a volume that belongs to root.
    expect(service.user, name).toBe(name === KEY_MAKER ? '0:0' : undefined)
  }
})

test('Docker waits longer for a worker than the worker waits for its refunds', () => {
  for (const role of roles) {
    const grace = interpolate(serviceNamed(role).stop_grace_period, {})
    expect(grace).toMatch(/^\d+s$/)
    expect(Number.parseInt(grace, 10) * 1000).toBeGreaterThan(
      Number(schema.SHUTDOWN_GRACE_MS.shownDefault.replaceAll('`', '')),
    )
  }
})

test('Redis is started with all that production demands of it', () => {
  for (const name of ['redis', 'demo-redis']) {
    expect(serviceNamed(name).command).toEqual(
      expect.arrayContaining([
        '--appendonly yes',
        '--appendfsync always',
        '--no-appendfsync-on-rewrite no',
        '--maxmemory-policy noeviction',
      ]),
    )
  }
})

test('only the receiver is published, and on loopback what shows sums of money', () => {
  const published = Object.entries(compose.services).flatMap(([name, { ports }]) =>
    ports.map((port) => `${name} ${interpolate(port, {})}`),
  )
  expect(published).toEqual([
    'receive 8080:8080',
    'admin 127.0.0.1:9090:9090',
    'demo-admin 127.0.0.1:9090:9090',
    'prometheus 127.0.0.1:9091:9090',
    'grafana 127.0.0.1:3000:3000',
  ])
})

test('every setting can be given in .env, but for those that the containers themselves decide', () => {
  const decided: readonly SettingName[] = ['RECEIVER_HOST', 'RECEIVER_PORT', 'ADMIN_HOST', 'ADMIN_PORT']
  // Its file would have to be mounted, with every key that it names.
  const left: readonly SettingName[] = ['MERCHANTS_FILE']
  const taken = ['admin', 'submit'].flatMap((name) =>
    Object.keys(serviceNamed(name).environment).map((variable) => variable.replace(/_FILE$/, '')),
  )
  const known = new Set<string>([...decided, ...left, ...taken])
  expect(settingNames.filter((name) => !known.has(name))).toEqual([])
})

test('all roles of the fleet have the same settings; who signs has the private key beside them, the admin server its own', () => {
  const shared = serviceNamed('receive').environment
  expect(JSON.stringify(shared)).not.toContain('PRIVATE_KEY')
  const key = { LIANLIAN_PRIVATE_KEY_FILE: '/run/secrets/lianlian_private_key' }
  for (const role of roles) {
    const { environment, secrets } = serviceNamed(role)
    if (role === 'admin') {
      expect(environment).toMatchObject(shared)
      expect(environment).not.toMatchObject(key)
    } else expect(environment, role).toEqual(doesSign([role]) ? { ...shared, ...key } : shared)
    const own = role === 'admin' ? ['admin_password'] : []
    expect(secrets, role).toEqual(doesSign([role]) ? ['lianlian_private_key'] : own)
  }
})

test('no container of ours leaves a core file behind', () => {
  const ours = Object.values(compose.services).filter(isOurs)
  expect(ours.length).toBeGreaterThan(roles.length)
  for (const { ulimits } of ours) expect(ulimits).toEqual({ core: 0 })
})

test('what deploy/example.env asks for is all that the fleet needs', () => {
  const example = readEnvFile('deploy/example.env')
  const filled = {
    ...example,
    LIANLIAN_OID_PARTNER: '201103171000000000',
    LIANLIAN_NOTIFY_URL: 'https://refunds.example.com/notifications/refund',
  }
  for (const role of roles) {
    const loaded = loadSettings(environmentOf(serviceNamed(role), filled), { readFile, signs: doesSign([role]) })
    expect(loaded, role).toMatchObject({ ok: true, settings: { redis: { requireDurable: true } } })
  }
  const text = read('docker-compose.yml')
  const idle = Object.keys(example).filter((name) => !new RegExp(String.raw`\$\{${name}\b|^ +${name}:`, 'm').test(text))
  expect(idle).toEqual(['COMPOSE_PROFILES'])
})

test('the demo starts with settings that are right, and with none from outside', () => {
  for (const role of roles) {
    const { environment } = serviceNamed(`demo-${role}`)
    expect(JSON.stringify(environment)).not.toContain('$')
    expect(Object.values(environment)).not.toContain(null)
    expect(loadSettings(environmentOf(serviceNamed(`demo-${role}`)), { readFile })).toMatchObject({ ok: true })
  }
})

test('no container of the demo that calls a gateway has a way out of its network', () => {
  expect(compose.networks.demo?.internal).toBe(true)
  for (const [name, { networks }] of servicesOf('demo')) {
    if (name === KEY_MAKER || name === 'demo-admin') continue
    expect(networks, name).toEqual(['demo'])
  }
  for (const url of ['LIANLIAN_REFUND_URL', 'LIANLIAN_EXCHANGE_REFUND_URL', 'LIANLIAN_QUERY_URL']) {
    expect(serviceNamed('demo-submit').environment[url]).toMatch(/^http:\/\/demo-gateway:9000\/\w+\.htm$/)
  }
})

test('Prometheus reaches the admin server of the fleet and of the demo, and neither Redis; Grafana only Prometheus', () => {
  expect(servicesOf('observe').map(([name]) => name)).toEqual(['prometheus', 'grafana'])
  const { networks } = serviceNamed('prometheus')
  const reached = (by: readonly string[]) =>
    Object.entries(compose.services)
      .filter(([, service]) => service.networks.some((network) => by.includes(network)))
      .map(([name]) => name)
  expect(reached(networks)).toEqual(['admin', 'demo-admin', 'prometheus', 'grafana'])
  expect(reached(serviceNamed('grafana').networks)).toEqual(['prometheus', 'grafana'])
  const scraped = z
    .object({
      scrape_configs: z.array(z.object({ dns_sd_configs: z.array(z.object({ names: z.array(z.string()) })) })),
    })
    .parse(parse(read('deploy/prometheus/prometheus.yml')))
  const names = scraped.scrape_configs.flatMap((job) => job.dns_sd_configs.flatMap((found) => found.names))
  expect(names).toEqual(['admin', 'demo-admin'])
})

test('what Prometheus and Grafana are given of deploy/ is there', () => {
  const mounted = servicesOf('observe').flatMap(([, { volumes }]) =>
    volumes.filter((volume) => volume.startsWith('./')),
  )
  expect(mounted.length).toBe(3)
  for (const volume of mounted) {
    const [path = '', , mode] = volume.split(':')
    expect(existsSync(new URL(`../../${path}`, import.meta.url)), path).toBe(true)
    expect(mode).toBe('ro')
  }
})

test('the fleet and the demo have no service, volume or network in common', () => {
  const usedBy = (profile: 'live' | 'demo') =>
    servicesOf(profile).flatMap(([name, { networks, volumes, depends_on }]) =>
      [name, Object.keys(depends_on)]
        .flat()
        .map((service) => `service ${service}`)
        .concat(networks.map((network) => `network ${network}`))
        .concat(volumes.map((volume) => `volume ${interpolate(volume, {}).split(':')[0]}`)),
    )
  const ofFleet = new Set(usedBy('live'))
  expect(ofFleet).toContain('volume redis')
  expect(usedBy('demo').filter((thing) => ofFleet.has(thing))).toEqual([])
})
