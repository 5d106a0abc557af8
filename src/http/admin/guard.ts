import { BlockList, isIP } from 'node:net'
import basicAuth from '@fastify/basic-auth'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refusalLog } from '../refusal-log.ts'
import { type Credentials, matches } from './credentials.ts'

const NO_CREDENTIALS = 'Set ADMIN_USER and ADMIN_PASSWORD to use this.'
const OTHER_HOST = 'Without ADMIN_USER and ADMIN_PASSWORD this server answers to localhost alone.'
const OTHER_SITE = 'This was asked for by another site.'

/** Lets in whoever has the credentials. Without any configured: those who asked for this machine by name, or nobody. */
export async function guard(
  scope: FastifyInstance,
  credentials: Credentials | undefined,
  unguarded: 'loopback' | 'nobody',
): Promise<void> {
  if (credentials) return demandCredentials(scope, credentials)
  scope.addHook('onRequest', async (request, reply) => {
    if (unguarded === 'nobody') return reply.code(403).type('text/plain; charset=utf-8').send(NO_CREDENTIALS)
    // a page of another site could point its own name at this machine and read along
    if (!namesLoopback(request)) return reply.code(403).type('text/plain; charset=utf-8').send(OTHER_HOST)
  })
}

async function demandCredentials(scope: FastifyInstance, credentials: Credentials): Promise<void> {
  await scope.register(basicAuth, {
    authenticate: { realm: 'refunds' },
    validate: async (user, password) => {
      if (!matches({ user, password }, credentials)) throw new Error('wrong credentials')
    },
  })
  const refusals = refusalLog(scope.log)
  scope.addHook('onClose', async () => refusals.close())
  scope.addHook('onRequest', (request, reply, done) => {
    scope.basicAuth(request, reply, (error) => {
      if (!error) {
        done()
        return
      }
      // the first request of a browser never carries any: nothing to report
      if (request.headers.authorization !== undefined && refusals.tells('credentials')) {
        request.log.warn({ from: request.ip }, 'wrong admin credentials')
      }
      void reply.code(401).type('text/plain; charset=utf-8').send('Unauthorized')
    })
  })
}

/** Refuses what a page of another site had a browser send: it would carry the credentials without the user's will. */
export function refuseOtherSites(scope: FastifyInstance): void {
  scope.addHook('onRequest', async (request, reply) => {
    if (isRead(request) || isSameSite(request)) return
    request.log.warn({ from: request.ip, origin: request.headers.origin }, 'a write that another site asked for')
    return reply.code(403).type('text/plain; charset=utf-8').send(OTHER_SITE)
  })
}

export function isRead({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** Every browser sends one of the two headers with a write; a program like curl sends none and has no user to betray. */
function isSameSite({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  return headers.origin === undefined || hostOf(headers.origin) === headers.host
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

function namesLoopback({ hostname }: FastifyRequest): boolean {
  const name = hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  const family = isIP(name)
  return family === 0 ? name === 'localhost' : loopback.check(name, family === 4 ? 'ipv4' : 'ipv6')
}
