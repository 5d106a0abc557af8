import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { merchantKeys } from '../e2e/settings.ts'
import { type Mark, markOfText, marksOfKey } from './marks.ts'

/** Every secret that a fleet has, in files as production gives them. */
export interface Planted {
  /** with slashes at neither end: a part of `RECEIVER_PATH` */
  readonly segment: string
  readonly admin: { readonly user: string; readonly password: string }
  readonly redisPassword: string
  readonly oldKey: string
  /** for a process */
  readonly settings: Readonly<Record<string, string>>
  readonly marks: readonly Mark[]
  /** of the path that only LianLian should know: it stands in settings and in `notify_url`, and nowhere else */
  readonly segmentMark: Mark
  /** Writes one more file. */
  file(name: string, text: string): string
  remove(): void
}

/** @param redisUrl of a Redis whose password is `redisPassword` from now on */
export function plant(redisUrl: string): Planted {
  const folder = mkdtempSync(join(tmpdir(), 'refund-planted-'))
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const oldKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs1', format: 'pem' })
    .toString()
  const redisPassword = 'redis-pass-7Qk2vT9wXz'
  const admin = { user: 'sre', password: 'admin:pass/3Hn8+LmRdY' }
  const segment = 'n0tify-5b0c3d17e9a14f20'
  const address = new URL(redisUrl)
  address.password = redisPassword
  return {
    segment,
    admin,
    redisPassword,
    oldKey,
    settings: {
      REDIS_URL: '',
      REDIS_URL_FILE: file('redis-url', address.href),
      LIANLIAN_PRIVATE_KEY: '',
      LIANLIAN_PRIVATE_KEY_FILE: file('private.pem', `${merchantKeys.privateKey},${oldKey}`),
      ADMIN_USER: admin.user,
      ADMIN_PASSWORD_FILE: file('admin-password', admin.password),
      RECEIVER_PATH: `/notifications/${segment}/refund`,
    },
    marks: [
      ...marksOfKey('private key', merchantKeys.privateKey),
      ...marksOfKey('former private key', oldKey),
      markOfText('password of Redis', redisPassword),
      markOfText('password of the dashboard', admin.password),
    ],
    segmentMark: markOfText('path of the receiver', segment),
    file,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
