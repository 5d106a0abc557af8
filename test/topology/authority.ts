import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cleanUp } from '../support/clean-up.ts'

const openssl = promisify(execFile)

export interface Authority {
  readonly pem: string
  /** of the same certificate */
  readonly file: string
  /** A certificate for one address, and its key, as files. */
  issue(ip: string): Promise<{ readonly cert: string; readonly key: string }>
}

/** A certificate authority of one test, made by openssl as docs/deployment.md has it. */
export async function authority(): Promise<Authority> {
  const dir = await mkdtemp(join(tmpdir(), 'refund-ca-'))
  cleanUp(async () => rm(dir, { recursive: true, force: true }))
  const at = (name: string) => join(dir, name)
  const run = async (...args: readonly string[]) => openssl('openssl', args)
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc']
  await run('req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '2', '-subj', '/CN=ca')
  return {
    pem: await readFile(at('ca.pem'), 'utf8'),
    file: at('ca.pem'),
    async issue(ip) {
      await run('req', ...newKey, '-keyout', at('redis.key'), '-out', at('redis.csr'), '-subj', '/CN=redis')
      await writeFile(at('redis.ext'), `subjectAltName=IP:${ip}\n`)
      const signer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('redis.ext')]
      await run('x509', '-req', '-in', at('redis.csr'), ...signer, '-out', at('redis.pem'), '-days', '2')
      return { cert: at('redis.pem'), key: at('redis.key') }
    },
  }
}
