import { createSign } from 'node:crypto'
import http from 'node:http'
import { gatewayKeys } from './settings.ts'

export type Fields = Readonly<Record<string, string>>

/** Signs as PROTOCOL says, apart from the project's own code. */
export function notification(fields: Fields, key = gatewayKeys.privateKey): string {
  const message: Record<string, string> = { ...fields, sign_type: 'RSA' }
  const names = Object.keys(message).filter((name) => message[name] !== '')
  const source = names
    .toSorted()
    .map((name) => `${name}=${message[name]}`)
    .join('&')
  const sign = createSign('RSA-MD5').update(source, 'utf8').sign(key, 'base64')
  return JSON.stringify({ ...message, sign })
}

export interface Answer {
  readonly status: number | undefined
  readonly body: string
  readonly type: string | undefined
}

/** Node's own client: nothing is added to or taken from what is said. */
export async function post(url: string, body: string, headers: Fields = {}, method = 'POST'): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const type = method === 'POST' ? { 'content-type': 'text/json;charset=utf-8' } : {}
  const options = { method, agent: false, headers: { ...type, ...headers } }
  const request = http.request(url, options, (response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      text += chunk
    })
    response.on('end', () =>
      resolve({ status: response.statusCode, body: text, type: response.headers['content-type'] }),
    )
  })
  request.on('error', reject)
  request.end(body)
  return await promise
}
