// Makes the key pairs of the demo in the folder given as argument, once: the merchant's, and the simulated gateway's.
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder = '.'] = process.argv.slice(2)

for (const owner of ['merchant', 'gateway']) {
  const file = join(folder, `${owner}.pem`)
  // Processes that run already hold the pair that is there.
  if (existsSync(file)) continue
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  writeFileSync(join(folder, `${owner}.public.pem`), pair.publicKey)
  // Complete as soon as it has its name, even when this is stopped half way.
  writeFileSync(`${file}.new`, pair.privateKey)
  renameSync(`${file}.new`, file)
}
