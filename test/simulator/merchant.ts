/** A merchant written by hand from the protocol: its signing shares nothing with the code under test. */
import crypto from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SimulatorOptions } from '../../src/simulator/options.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { cleanUp } from '../support/clean-up.ts'

export type Message = Record<string, string>

export const OID_PARTNER = '201103171000000000'
const keys = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 })
export const merchantPublicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()

function textOf(message: Message): string {
  return Object.entries(message)
    .filter(([name, value]) => name !== 'sign' && value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join('&')
}

export function sign(message: Message, privateKey: crypto.KeyObject = keys.privateKey): Message {
  return { ...message, sign: crypto.sign('md5', Buffer.from(textOf(message)), privateKey).toString('base64') }
}

export function isSigned(message: Message, publicKeyPem: string): boolean {
  const signature = Buffer.from(message.sign ?? '', 'base64')
  return crypto.verify('md5', Buffer.from(textOf(message)), publicKeyPem, signature)
}

/** A simulator that ends with the test. */
export async function simulator(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const merchants = [{ oid_partner: OID_PARTNER, publicKey: merchantPublicKey }]
  const started = await startSimulator({ merchants, settleMs: 5, notifyRepeatMs: 20, ...options })
  cleanUp(async () => started.stop())
  return started
}

let last = 0

/** An unsigned refund with a number of its own. */
export function refund(fields: Message = {}): Message & { no_refund: string } {
  last += 1
  return {
    oid_partner: OID_PARTNER,
    sign_type: 'RSA',
    no_refund: `R${last}`,
    dt_refund: '20130515094018',
    money_refund: '200.01',
    no_order: '2013051500001',
    notify_url: 'http://127.0.0.1:9/notifications',
    ...fields,
  }
}

/** An unsigned query for that refund. */
export function queryOf({ oid_partner = '', no_refund = '', dt_refund = '' }: Message): Message {
  return { oid_partner, sign_type: 'RSA', no_refund, dt_refund }
}

export interface Received {
  readonly status: number
  readonly type: string
  readonly text: string
  /** the body, where it is a flat object */
  readonly fields: Message
}

/** Posts bytes as they are. Rejects when the connection breaks or nothing came within `timeoutMs`. */
export async function post(url: string, body: string, type: string, timeoutMs = 5000): Promise<Received> {
  return await new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', agent: false, headers: { 'content-type': type } })
    const deadline = setTimeout(() => request.destroy(new Error('no answer in time')), timeoutMs)
    request.on('error', reject).on('close', () => clearTimeout(deadline))
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('error', reject)
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        const { statusCode = 0, headers } = response
        resolve({ status: statusCode, type: headers['content-type'] ?? '', text, fields: readFields(text) })
      })
    })
    request.end(body)
  })
}

function readFields(text: string): Message {
  try {
    const value: unknown = JSON.parse(text)
    return Object.fromEntries(Object.entries(value ?? {}).map(([name, each]) => [name, String(each)]))
  } catch {
    return {}
  }
}

const JSON_TYPE = 'application/json;charset=utf-8'

/** Signs and posts a message. */
export async function call(gateway: Simulator, path: string, message: Message, timeoutMs?: number): Promise<Received> {
  return await post(gateway.url + path, JSON.stringify(sign(message)), JSON_TYPE, timeoutMs)
}

export async function submit(gateway: Simulator, message: Message): Promise<Message> {
  return (await call(gateway, '/refund.htm', message)).fields
}

export async function query(gateway: Simulator, message: Message): Promise<Message> {
  return (await call(gateway, '/refundquery.htm', queryOf(message))).fields
}

export interface Notice {
  readonly type: string
  readonly fields: Message
  readonly at: number
}

export interface Receiver {
  readonly url: string
  readonly notices: Notice[]
}

const ACKNOWLEDGEMENT = { status: 200, body: '{"ret_code":"0000","ret_msg":"ok"}', afterMs: 0 }

/** A receiver of notifications that ends with the test. @param answer by how many notices came before this one */
export async function receiver(
  answer: (index: number, fields: Message) => Partial<typeof ACKNOWLEDGEMENT> = () => ({}),
): Promise<Receiver> {
  const notices: Notice[] = []
  const server = http.createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      const fields = readFields(text)
      const { status, body, afterMs } = { ...ACKNOWLEDGEMENT, ...answer(notices.length, fields) }
      notices.push({ type: request.headers['content-type'] ?? '', fields, at: performance.now() })
      setTimeout(() => response.writeHead(status).end(body), afterMs)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/notifications`, notices }
}
