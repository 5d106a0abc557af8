import { describe, expect, test } from 'vitest'
import { type LoadOptions, loadOperatorSettings, loadSettings } from '../../config/load.ts'
import { filesOf, least } from './environment.ts'

const [ONE, TWO] = ['201103171000000000', '201408071000001543']
const SHARED = { REDIS_URL: least.REDIS_URL, MERCHANTS_FILE: '/etc/refunds/merchants.json' }
const PRIVATE = 'a-private-key'

/** The settings that a file of this content gives, or its faults; texts that begin with `bad` are no keys. */
function load(content: unknown, env: Record<string, string> = {}, files: Record<string, string> = {}) {
  const json = typeof content === 'string' ? content : JSON.stringify(content)
  const check = (text: string) => (text.startsWith('bad') ? 'not an RSA key' : undefined)
  const options: LoadOptions = {
    readFile: filesOf({ [SHARED.MERCHANTS_FILE]: json, ...files }),
    checks: { LIANLIAN_PRIVATE_KEY: check, LIANLIAN_PUBLIC_KEY: check },
  }
  return loadSettings({ ...SHARED, ...env }, options)
}

const merchantsOf = (...given: Parameters<typeof load>) => {
  const loaded = load(...given)
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
  return loaded.settings.merchants
}

const faultsOf = (...given: Parameters<typeof load>) => {
  const loaded = load(...given)
  return loaded.ok ? [] : loaded.faults
}

const one = (fields: object) => ({ merchants: [{ oid_partner: ONE, privateKey: PRIVATE, ...fields }] })

describe('a merchant of the file', () => {
  test('needs a number and a key, and has the rest from the settings of all', () => {
    const env = { LIANLIAN_NOTIFY_URL: 'https://x.example/n', RATE_LIMIT_MAX: '5', RATE_LIMIT_DURATION_MS: '1000' }
    const [merchant] = merchantsOf(one({}), { ...env, LIANLIAN_PUBLIC_KEY: 'theirs' })
    expect({ ...merchant, privateKey: merchant.privateKey?.reveal() }).toEqual({
      oid_partner: ONE,
      notifyUrl: 'https://x.example/n',
      rateLimit: { max: 5, durationMs: 1000 },
      privateKey: PRIVATE,
      publicKeys: 'theirs',
    })
  })

  test('may have everything of its own', () => {
    const [merchant] = merchantsOf(
      one({
        privateKey: ['new', 'old'],
        publicKey: ['theirs-a', 'theirs-b'],
        notifyUrl: 'https://one.example/n',
        kind: 'exchange',
        rateLimit: { max: 2, durationMs: 100 },
        allowFrom: ['10.0.0.0/8', '::1'],
        gateway: { queryUrl: 'https://query.example/' },
        retry: { baseMs: 10, maxAttempts: 3 },
        query: { delaysMs: [1, 2], giveUpMs: 9 },
        maxRefund: '100.00',
        dailyCap: '5000',
      }),
    )
    const { policy } = merchantsOf(one({ retry: {} }))[0]
    expect({ ...merchant, privateKey: merchant.privateKey?.reveal() }).toEqual({
      oid_partner: ONE,
      privateKey: 'new,old',
      publicKeys: 'theirs-a,theirs-b',
      notifyUrl: 'https://one.example/n',
      kind: 'exchange',
      rateLimit: { max: 2, durationMs: 100 },
      allowFrom: ['10.0.0.0/8', '::1'],
      gateway: {
        refundUrl: 'https://traderapi.lianlianpay.com/refund.htm',
        exchangeRefundUrl: 'https://traderapi.lianlianpay.com/exchangerefund.htm',
        queryUrl: 'https://query.example/',
      },
      policy: {
        ...policy,
        retry: { baseMs: 10, factor: 2, capMs: 3_600_000, jitter: 0.5 },
        maxAttempts: 3,
        queryDelaysMs: [1, 2],
        queryGiveUpMs: 9,
        maxRefundFen: 10_000,
        dailyCapFen: 500_000,
      },
    })
  })

  test('has its keys in files beside the file, if it likes', () => {
    const files = { '/etc/refunds/keys/one.pem': 'key of one\n', '/run/theirs.pem': 'theirs' }
    const [merchant] = merchantsOf(
      one({ privateKey: undefined, privateKeyFile: 'keys/one.pem', publicKeyFile: ['/run/theirs.pem'] }),
      {},
      files,
    )
    expect(merchant.privateKey?.reveal()).toBe('key of one')
    expect(merchant.publicKeys).toBe('theirs')
  })
})

test('every fault of every merchant is told at once, with its place', () => {
  const merchants = [
    { oid_partner: 5, privateKey: 'bad', rateLimit: { max: 1 }, retry: { baseMs: '5', capsMs: 1 }, notify_url: 'x' },
    { oid_partner: TWO, privateKeyFile: ['here.pem', 'nowhere.pem'], privateKey: 'x', publicKey: ['fine', 'bad'] },
    {
      oid_partner: TWO,
      privateKeyFile: 'nowhere.pem',
      retry: { capMs: 1 },
      gateway: { queryUrl: 'http://g.example/' },
    },
    'no merchant',
    { oid_partner: ONE, maxRefund: 5, kind: 'foreign', allowFrom: ['10.0.0.0/99'], query: { delaysMs: [] } },
  ]
  expect(faultsOf({ merchants, merchant: 1 })).toEqual(
    [
      'merchant: no such field; did you mean merchants?',
      'merchants[0].oid_partner: expected a merchant number of 18 digits',
      'merchants[0].rateLimit.durationMs: expected a whole number of milliseconds, 1 to 2147483647',
      'merchants[0].retry.baseMs: expected a whole number of milliseconds, 1 to 3153600000000',
      'merchants[0].retry.capsMs: no such field; did you mean capMs?',
      'merchants[0].notify_url: no such field; did you mean notifyUrl?',
      'merchants[0].privateKey: not an RSA key',
      'merchants[1].privateKey: set it or privateKeyFile, not both',
      'merchants[1].publicKey[1]: not an RSA key',
      'merchants[2].privateKeyFile: cannot read the file that it names (ENOENT)',
      'merchants[2].gateway.queryUrl: must be https, unless ALLOW_INSECURE_GATEWAY=true',
      'merchants[2].retry.capMs: must not be below baseMs, got 1 and 2000',
      'merchants[3]: expected an object',
      'merchants[4].kind: expected domestic or exchange',
      'merchants[4].allowFrom[0]: expected an IP address or a CIDR range',
      'merchants[4].query.delaysMs: expected one wait at least',
      'merchants[4].maxRefund: expected an amount in yuan as text, 0.01 or more, with at most two decimals',
      'merchants[4].privateKey: required, or privateKeyFile',
      `merchants[2].oid_partner: ${TWO} is merchants[1] already`,
    ].map((fault) => `MERCHANTS_FILE: ${fault}`),
  )
})

test('a gateway of its own without TLS is a fault where the key of the gateway is pinned, and none where it is not', () => {
  const queryUrl = 'http://127.0.0.1:8000/refundquery.htm'
  const merchants = [
    { oid_partner: ONE, privateKey: PRIVATE },
    { oid_partner: TWO, privateKey: PRIVATE, gateway: { refundUrl: 'https://g.example/refund.htm', queryUrl } },
  ]
  const pinned = { GATEWAY_PINNED_KEYS: `${'A'.repeat(43)}=` }
  const fault = 'MERCHANTS_FILE: merchants[1].gateway.queryUrl: must be https with GATEWAY_PINNED_KEYS'
  expect(faultsOf({ merchants }, pinned)).toEqual([fault])
  expect(faultsOf({ merchants }, { ...pinned, ALLOW_INSECURE_GATEWAY: 'true' })).toEqual([fault])
  expect(faultsOf({ merchants })).toEqual([])
})

test('a file that is none, or holds no merchants, is one fault', () => {
  expect(faultsOf('{"merchants" 1}')).toEqual(['MERCHANTS_FILE: is not valid JSON (line 1 column 14)'])
  expect(faultsOf([])).toEqual(['MERCHANTS_FILE: must hold one JSON object, got an array'])
  expect(faultsOf({})).toEqual(['MERCHANTS_FILE: merchants: expected a list of at least one merchant'])
  expect(faultsOf({ merchants: [] })).toEqual(['MERCHANTS_FILE: merchants: expected a list of at least one merchant'])
  expect(faultsOf({}, { MERCHANTS_FILE: '/nowhere' })).toEqual([
    'MERCHANTS_FILE: cannot read the file that it names (ENOENT)',
  ])
})

test('no fault says a word of what stands where a key is due', () => {
  const secret = 'bad MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSk'
  const merchants = [
    { oid_partner: ONE, privateKey: secret, publicKey: secret },
    { oid_partner: TWO, privateKeyFile: 'k.pem', publicKey: { pem: secret }, privatKey: secret },
    { oid_partner: secret, privateKey: `${secret},${secret}`, notifyUrl: secret, kind: secret, [secret]: 1 },
  ]
  const faults = faultsOf({ merchants }, {}, { '/etc/refunds/k.pem': secret })
  expect(faults.length).toBeGreaterThan(6)
  expect(faults.join('\n').replaceAll(JSON.stringify(secret.slice(0, 40)), '')).not.toContain('MIIE')
})

test("a person's tool takes numbers and figures of the file, and looks at no key", () => {
  const content = {
    merchants: [{ oid_partner: ONE, privateKeyFile: 'away.pem', maxRefund: '1' }, { oid_partner: TWO }],
  }
  const loaded = loadOperatorSettings(SHARED, {
    readFile: filesOf({ [SHARED.MERCHANTS_FILE]: JSON.stringify(content) }),
  })
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
  expect(loaded.settings.merchants).toMatchObject([
    { oid_partner: ONE, policy: { maxRefundFen: 100 } },
    { oid_partner: TWO },
  ])
  expect(JSON.stringify(loaded.settings.merchants)).not.toContain('away')
})
