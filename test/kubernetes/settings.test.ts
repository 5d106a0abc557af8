import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { loadSettings } from '../../config/load.ts'
import { isSettingName } from '../../config/schema.ts'
import { doesSign } from '../../workers/roles.ts'
import { readEnvFile } from '../container/compose-file.ts'
import { documents, FOLDER, files, read } from './documents.ts'
import { containerOf, type Deployment, deployments, kustomization, podOf, roleOf } from './manifests.ts'

const REDIS = ['redis-url', 'redis-sentinel', 'redis-cluster'] as const
const MERCHANTS = [{ oid_partner: '201103171000000000', privateKeyFile: '../keys/shop-private.pem' }]
const FILES: Readonly<Record<string, string>> = {
  '/run/secrets/merchants/merchants.json': JSON.stringify({ merchants: MERCHANTS }),
  '/run/secrets/keys/shop-private.pem': 'a key',
  '/run/secrets/redis/url': 'rediss://refunds:password@redis.example.com:6380',
  '/run/secrets/admin/password': 'a long password',
}
/** Nothing is there but what the pod mounts. */
const readFileOf = (pod: Deployment) => (path: string) => {
  const isMounted = containerOf(pod).volumeMounts.some(({ mountPath }) => dirname(path) === mountPath)
  const content = isMounted ? FILES[path] : undefined
  if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
  return content
}
const roleNamed = (pod: Deployment) => z.enum(['submit', 'query', 'publish', 'receive', 'admin']).parse(roleOf(pod))

const shared = readEnvFile(`${FOLDER}/base/settings.env`)
const addressOf = (redis: string) => readEnvFile(`${FOLDER}/${redis}/redis.env`)
const kustomizations = documents
  .filter(({ file }) => file.endsWith('kustomization.yaml'))
  .map(({ file, content }) => Object.assign(kustomization.parse(content), { folder: dirname(file) }))
const atFolder = (folder: string) => {
  const found = kustomizations.find((each) => each.folder === folder)
  if (found === undefined) throw new Error(`no kustomization in ${folder}`)
  return found
}

describe.each(REDIS)('with %s', (redis) => {
  test.each(deployments.map((each) => [roleOf(each), each] as const))('%s starts with its settings', (_, each) => {
    const own = Object.fromEntries(containerOf(each).env.map(({ name, value }) => [name, value]))
    const env = { NODE_ENV: 'production', ...shared, ...addressOf(redis), ...own }
    expect(loadSettings(env, { readFile: readFileOf(each), signs: doesSign([roleNamed(each)]) })).toMatchObject({
      ok: true,
      settings: {
        redis: {
          requireDurable: true,
          connection: { mode: redis.replace('redis-url', 'single').replace('redis-', '') },
        },
      },
    })
  })
})

test('every name in the environment is a setting, or a setting with _FILE', () => {
  const commented = [...read(`${FOLDER}/base/settings.env`).matchAll(/^# (\w+)=/gm)].map(([, name = '']) => name)
  const names = [
    ...Object.keys(shared),
    ...commented,
    ...REDIS.flatMap((redis) => Object.keys(addressOf(redis))),
    ...deployments.flatMap((each) => containerOf(each).env.map(({ name }) => name)),
  ]
  expect(names.length).toBeGreaterThan(8)
  expect(names.filter((name) => !isSettingName(name.replace(/(?<!MERCHANTS)_FILE$/, '')))).toEqual([])
})

test('no secret stands in the environment or in a document of this folder', () => {
  const kinds = documents.map(({ content }) => kustomization.partial().safeParse(content).data?.kind)
  expect(kinds).not.toContain('Secret')
  const values = [shared, ...REDIS.map(addressOf)].flatMap((env) => Object.keys(env))
  expect(values.filter((name) => /^(REDIS_URL|LIANLIAN_PRIVATE_KEY|ADMIN_PASSWORD)$/.test(name))).toEqual([])
})

test('every file that a setting names is in a Secret that the pod mounts whole, for its user alone', () => {
  for (const each of deployments) {
    const { env, volumeMounts } = containerOf(each)
    const { volumes } = podOf(each)
    expect(volumeMounts.map(({ name }) => name).toSorted()).toEqual(volumes.map(({ name }) => name).toSorted())
    for (const { secret } of volumes) expect(secret.defaultMode).toBe(0o440)
    for (const mount of volumeMounts) expect(mount.readOnly).toBe(true)
    const folders = new Set(volumeMounts.map(({ mountPath }) => mountPath))
    const named = [shared, ...REDIS.map(addressOf), Object.fromEntries(env.map(({ name, value }) => [name, value]))]
      .flatMap((settings) => Object.entries(settings))
      .flatMap(([name, value]) => (name.endsWith('_FILE') ? [dirname(value)] : []))
    for (const folder of named) expect(folders, roleOf(each)).toContain(folder)
  }
})

test('all roles mount the same Secrets, those that sign the private keys beside them, the admin server its password', () => {
  const secretsOf = (role: string) =>
    deployments
      .filter((each) => roleOf(each) === role)
      .flatMap((each) => podOf(each).volumes.map(({ secret }) => secret.secretName))
  const all = ['refund-merchants', 'refund-redis']
  for (const role of ['publish', 'receive']) expect(secretsOf(role)).toEqual(all)
  for (const role of ['submit', 'query'])
    expect(secretsOf(role)).toEqual(['refund-merchants', 'refund-keys', 'refund-redis'])
  expect(secretsOf('admin')).toEqual([...all, 'refund-admin'])
})

test('kustomize is given every file, and every file that it is given is there', () => {
  const given = new Set(
    kustomizations.flatMap(({ folder, resources, components, configMapGenerator }) =>
      [resources, components, configMapGenerator.flatMap(({ envs }) => envs)].flat().map((path) => join(folder, path)),
    ),
  )
  for (const path of given) expect(existsSync(new URL(`../../${FOLDER}/${path}`, import.meta.url)), path).toBe(true)
  const plain = files.filter((file) => !file.endsWith('kustomization.yaml'))
  expect(plain.filter((file) => !given.has(file))).toEqual([])
  const chosen = atFolder('.').components
  expect(chosen.filter((name) => name.startsWith('redis-'))).toHaveLength(1)
})

test('every role reads the settings that kustomize makes, a Redis only adds to them, and the image is replaced', () => {
  const name = atFolder('base').configMapGenerator[0]?.name
  for (const each of deployments) expect(containerOf(each).envFrom).toEqual([{ configMapRef: { name } }])
  for (const redis of REDIS) {
    const generators = atFolder(redis).configMapGenerator
    expect(generators).toEqual([{ name, behavior: 'merge', envs: ['redis.env'] }])
    // what both had would be decided by their order
    expect(Object.keys(addressOf(redis)).filter((setting) => setting in shared)).toEqual([])
  }
  expect(atFolder('.').images.map((image) => image.name)).toEqual(['lianlian-refund-worker'])
})
