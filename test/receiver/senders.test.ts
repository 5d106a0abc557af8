import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { networkOf, plainAddress } from '../../src/http/address.ts'
import { senderList } from '../../src/http/senders.ts'
import { ACKNOWLEDGED, bodyOf, LAST, open, request, say, signed, startReceiver, statuses } from './start.ts'

const speaksIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))

const ALLOWED = ['115.236.102.36', '10.0.0.0/8', '2001:db8::/32']

/** What a receiver answers to a true notification with these headers. */
async function answered(options: Parameters<typeof startReceiver>[0], headers: readonly string[]) {
  const receiver = await startReceiver({ allowFrom: ALLOWED, ...options })
  const answer = await say(receiver.port, request(signed('sent'), { more: [...headers, ...LAST] }))
  return { status: statuses(answer), stored: receiver.stored.length, log: receiver.log, body: bodyOf(answer) }
}

describe('without TRUST_PROXY', () => {
  test.each([
    'X-Forwarded-For: 10.1.2.3',
    'X-Forwarded-For: 127.0.0.1, 10.1.2.3',
    'Forwarded: for=10.1.2.3',
    'X-Real-IP: 10.1.2.3',
    'X-Client-IP: 10.1.2.3',
    'CF-Connecting-IP: 10.1.2.3',
    'True-Client-IP: 10.1.2.3',
  ])('nobody gets in by %s', async (header) => {
    const { status, stored, body } = await answered({}, [header])
    expect({ status, stored }).toEqual({ status: [403], stored: 0 })
    expect(body).toBe('{"ret_code":"1008","ret_msg":"sender not allowed"}')
  })

  test('the sender is refused before it is told which paths and methods there are', async () => {
    const receiver = await startReceiver({ allowFrom: ALLOWED })
    const answers = await Promise.all(
      ['GET /', 'POST /secret', 'POST /notifications/refund'].map(async (what) =>
        say(receiver.port, request('{}', { line: `${what} HTTP/1.1`, more: LAST })),
      ),
    )
    expect(answers.map(bodyOf)).toEqual(
      Array.from({ length: 3 }, () => '{"ret_code":"1008","ret_msg":"sender not allowed"}'),
    )
  })
})

describe('with TRUST_PROXY', () => {
  const trustProxy = ['127.0.0.0/8', '192.0.2.0/24']

  test.each([
    ['the one hop that the proxy tells', '10.1.2.3'],
    ['the last that is no proxy of ours', '8.8.8.8, 10.1.2.3'],
    ['the one before two proxies of ours', '8.8.8.8, 10.1.2.3, 192.0.2.1, 192.0.2.2'],
    ['IPv6', '2001:db8::1'],
    ['IPv6 in another form', '2001:0DB8:0:0::0001'],
    ['IPv4 in the form of IPv6', '::ffff:10.1.2.3'],
    ['the same in hexadecimal', '::ffff:a01:203'],
    ['an address with a port', '10.1.2.3:51234'],
    ['IPv6 with a port', '[2001:db8::1]:51234'],
    ['white space', ' 10.1.2.3 '],
  ])('the sender is %s', async (_name, value) => {
    const { status, stored } = await answered({ trustProxy }, [`X-Forwarded-For: ${value}`])
    expect({ status, stored }).toEqual({ status: [200], stored: 1 })
  })

  test.each([
    ['an allowed address that the client itself put there', '10.1.2.3, 8.8.8.8'],
    ['the same behind two proxies', '10.1.2.3, 8.8.8.8, 192.0.2.1'],
    ['several headers of the client', '10.1.2.3\r\nX-Forwarded-For: 8.8.8.8'],
    ['a proxy of ours that the client put there', '10.1.2.3, 192.0.2.1, 8.8.8.8'],
    ['no address', 'unknown'],
    ['nothing', ''],
    ['a network', '10.0.0.0/8'],
    ['an address and more', '10.1.2.3 or so'],
    ['an address of five parts', '10.1.2.3.4'],
    ['a number', '167838211'],
    ['octal digits', '012.1.2.3'],
    ['an address compatible with IPv4, which is another one', '::10.1.2.3'],
    ['an address with a zone', 'fe80::1%eth0'],
    [
      'a thousand hops',
      Array.from({ length: 1_000 }, () => '10.1.2.3')
        .join(',')
        .concat(',8.8.8.8'),
    ],
  ])('nobody gets in by %s', async (_name, value) => {
    const { status, stored, log } = await answered({ trustProxy }, [`X-Forwarded-For: ${value}`])
    expect({ status, stored }).toEqual({ status: [403], stored: 0 })
    const line = log.find(({ msg }) => msg === 'a notification from an address that may not send')
    expect(plainAddress(String(line?.from)) ?? 'unknown').toBe(line?.from)
  })

  test('who is not that proxy is not believed', async () => {
    const { status } = await answered({ trustProxy: ['192.0.2.0/24', '127.0.0.2'] }, ['X-Forwarded-For: 10.1.2.3'])
    expect(status).toEqual([403])
  })
})

test.skipIf(!speaksIPv6)('a server on :: knows IPv4 senders and proxies by their own address', async () => {
  const direct = await startReceiver({ host: '::', allowFrom: ['127.0.0.1'] })
  expect(bodyOf(await say(direct.port, request(signed('direct'), { more: LAST })))).toBe(ACKNOWLEDGED)
  const proxied = await startReceiver({ host: '::', allowFrom: ALLOWED, trustProxy: ['127.0.0.1'] })
  const bytes = request(signed('proxied'), { more: ['X-Forwarded-For: 10.1.2.3', ...LAST] })
  expect(bodyOf(await say(proxied.port, bytes))).toBe(ACKNOWLEDGED)
})

test('a list may be written in the form of IPv6 for IPv4, and either form is found in it', () => {
  const allowed = senderList(['::ffff:10.0.0.0/104', '::ffff:192.0.2.1', '203.0.113.7', 'fe80::/10'])
  for (const ip of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.1', '203.0.113.7', '::ffff:cb00:7107', 'fe80::1%eth0']) {
    expect(allowed(ip), ip).toBe(true)
  }
  for (const ip of ['11.1.2.3', '192.0.2.2', '203.0.113.8', '::1', '', 'x', '10.1.2'])
    expect(allowed(ip), ip).toBe(false)
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:C000:0201', '192.0.2.1'],
  ['192.0.2.1:80', '192.0.2.1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[::ffff:192.0.2.1]:80', '192.0.2.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::1', '::1'],
  ['unknown', undefined],
  ['192.0.2', undefined],
  ['192.0.2.1:', undefined],
  ['192.0.2.1.1:80', undefined],
  ['[192.0.2.1', undefined],
  ['', undefined],
])('the plain address of %s is %s', (text, address) => {
  expect(plainAddress(text)).toBe(address)
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::10.1.2.3', '0:0:0:0::/64'],
])('%s belongs to %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test.skipIf(!speaksIPv6)('connections over IPv6 are served as well', async () => {
  const receiver = await startReceiver({ host: '::1', allowFrom: ['::1'] })
  const { socket, ended } = await open(receiver.port, '::1')
  socket.write(request(signed('six'), { more: LAST }))
  expect(bodyOf(await ended)).toBe(ACKNOWLEDGED)
})
