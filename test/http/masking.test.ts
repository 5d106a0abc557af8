import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { masked } from '../../src/http/admin/masking.ts'

test('a field with the name of a secret is not shown, however deep', () => {
  const shown = masked({
    no_refund: '1',
    sign: 'abc',
    metadata: { Password: 'p', api_key: 'k', list: [{ token: 't' }], note: 'n' },
  })
  expect(shown).toEqual({
    no_refund: '1',
    sign: '***',
    metadata: { Password: '***', api_key: '***', list: [{ token: '***' }], note: 'n' },
  })
})

test('what is named after a secret is not shown either, nor what a header carries', () => {
  expect(masked({ db_password: 'p', my_api_key: 'k' })).toEqual({ db_password: '***', my_api_key: '***' })
  expect(masked('Authorization refused: Bearer abc.def')).toBe('Authorization refused: Bearer ***')
})

test('a key file inside a text is not shown, whole or broken off', () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const body = privateKey.split('\n')[1] ?? ''
  expect(masked(`Error: bad key ${privateKey} at x`)).toBe('Error: bad key ***\n at x')
  expect(masked(`bad key ${privateKey.slice(0, 200)}`)).toBe('bad key ***')
  expect(masked(privateKey.replaceAll('\n', '\\n'))).not.toContain(body)
})

test('a signature inside a text is not shown', () => {
  const signature = randomBytes(128).toString('base64')
  expect(masked(`answer {"ret_code":"0000","sign":"${signature}"}`)).not.toContain(signature.slice(0, 20))
  expect(masked(`sign: ${signature}`)).not.toContain(signature.slice(0, 20))
  expect(masked('body {\\"sign\\":\\"short-one\\",\\"x\\":1}')).toBe('body {\\"sign\\":\\"***\\",\\"x\\":1}')
  expect(masked('https://shop.example/notify?token=abc&no=1')).toBe('https://shop.example/notify?token=***&no=1')
})

test("a URL's password is not shown", () => {
  expect(masked('connect redis://user:secret@db:6379/0 failed')).toBe('connect redis://***@db:6379/0 failed')
})

test('everything else is shown as it is', () => {
  const job = {
    id: 'refund-201103171000000000-2013051500001',
    data: { no_refund: '2013051500001', money_refund: '200.01', notify_url: 'https://shop.example/a?b=c' },
    opts: { attempts: 1, keepLogs: null },
    failedReason: 'sign: required; money_refund: "1." is no amount',
    stacktrace: ['Error: x\n    at process (/srv/app/node_modules/bullmq/dist/cjs/classes/worker.js:1:2)'],
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    isFailed: true,
  }
  expect(masked(job)).toEqual(job)
})

test('a text of a megabyte that looks like the beginning of a URL all along holds nobody up', () => {
  const text = 'a.'.repeat(500_000)
  const start = performance.now()
  expect(masked(text)).toBe(text)
  expect(performance.now() - start).toBeLessThan(2_000)
})
