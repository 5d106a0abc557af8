import { z } from 'zod'
import { cidr, httpUrl, notifyUrl } from './addresses.ts'
import { ageMs, count, type Format, factor, ratio, timerMs, yuan } from './formats.ts'
import { filePath, oidPartner } from './names.ts'

/** A text of the form that a setting of the environment has. */
const text = (format: Format<unknown>) =>
  z.string(`expected ${format.expected}`).refine((given) => format.parse(given) !== undefined, {
    error: `expected ${format.expected}`,
  })

const number = (format: Format<number>) =>
  z.number(`expected ${format.expected}`).refine((given) => format.parse(String(given)) !== undefined, {
    error: `expected ${format.expected}`,
  })

const oneOrMore = (item: z.ZodString, what: string) =>
  z.union([item, z.array(item).min(1)], { error: `expected ${what}, or a list of them` })

const keyText = 'PEM or bare base64 DER as text'
const key = z
  .string()
  .min(1)
  .regex(/^[^,]+$/)
const path = z.string().refine((given) => filePath.parse(given) !== undefined)

/** One merchant. What it leaves out is as the settings of all merchants have it. */
export const merchantSchema = z.strictObject(
  {
    oid_partner: z
      .string(`expected ${oidPartner.expected}`)
      .regex(/^[0-9]{18}$/, `expected ${oidPartner.expected}`)
      .describe('Merchant number.'),
    privateKey: oneOrMore(key, keyText)
      .exactOptional()
      .describe("The merchant's private key, PEM or bare base64 DER. Two while it changes: the first signs."),
    privateKeyFile: oneOrMore(path, 'the path of a file')
      .exactOptional()
      .describe('Instead of privateKey: files that hold it, paths relative to this file.'),
    publicKey: oneOrMore(key, keyText)
      .exactOptional()
      .describe("LianLian's public key; several while it changes. Default: LIANLIAN_PUBLIC_KEY."),
    publicKeyFile: oneOrMore(path, 'the path of a file')
      .exactOptional()
      .describe('Instead of publicKey: files that hold it, paths relative to this file.'),
    notifyUrl: text(notifyUrl)
      .exactOptional()
      .describe('notify_url of jobs that give none. Default: LIANLIAN_NOTIFY_URL.'),
    kind: z
      .enum(['domestic', 'exchange'], 'expected domestic or exchange')
      .exactOptional()
      .describe('kind of jobs that give none. Default: domestic.'),
    rateLimit: z
      .strictObject({ max: number(count), durationMs: number(timerMs) }, 'expected an object with max and durationMs')
      .exactOptional()
      .describe('Calls of the gateway by the whole fleet, in so many ms. Default: RATE_LIMIT_*.'),
    allowFrom: z
      .array(text(cidr), 'expected a list of IP addresses and CIDR ranges')
      .min(1, 'expected one entry at least')
      .exactOptional()
      .describe("Senders that may notify this merchant's refunds, of those that RECEIVER_ALLOW_FROM lets in."),
    gateway: z
      .strictObject(
        {
          refundUrl: text(httpUrl).exactOptional(),
          exchangeRefundUrl: text(httpUrl).exactOptional(),
          queryUrl: text(httpUrl).exactOptional(),
        },
        'expected an object',
      )
      .exactOptional()
      .describe('Default: LIANLIAN_REFUND_URL, LIANLIAN_EXCHANGE_REFUND_URL, LIANLIAN_QUERY_URL.'),
    retry: z
      .strictObject(
        {
          baseMs: number(ageMs).exactOptional(),
          factor: number(factor).exactOptional(),
          capMs: number(ageMs).exactOptional(),
          jitter: number(ratio).exactOptional(),
          maxAttempts: number(count).exactOptional(),
        },
        'expected an object',
      )
      .exactOptional()
      .describe('Default: RETRY_*.'),
    query: z
      .strictObject(
        {
          delaysMs: z
            .array(number(ageMs), 'expected a list of milliseconds')
            .min(1, 'expected one wait at least')
            .exactOptional(),
          giveUpMs: number(ageMs).exactOptional(),
        },
        'expected an object',
      )
      .exactOptional()
      .describe('Default: QUERY_DELAYS_MS, QUERY_GIVE_UP_MS.'),
    maxRefund: text(yuan).exactOptional().describe('Yuan as text. Default: MAX_REFUND.'),
    dailyCap: text(yuan).exactOptional().describe('Yuan as text. Default: DAILY_CAP.'),
  },
  'expected an object',
)

/** What of it is about keys, which may be read although something else is wrong. */
export const merchantKeysSchema = merchantSchema
  .pick({ privateKey: true, privateKeyFile: true, publicKey: true, publicKeyFile: true })
  .strip()

/** The content of `MERCHANTS_FILE`. */
export const merchantsFileSchema = z.strictObject({
  $schema: z.string().exactOptional(),
  merchants: z.array(merchantSchema, 'expected a list of merchants').min(1, 'expected one merchant at least'),
})

export type MerchantKeys = z.infer<typeof merchantKeysSchema>
/** A merchant as the file has it: every value has its form, keys are not looked at yet. */
export type MerchantEntry = z.infer<typeof merchantSchema>

/** Every field name by the place where it may stand, for hints. */
export const fieldNames: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(merchantsFileSchema.shape),
  merchants: Object.keys(merchantSchema.shape),
  rateLimit: ['max', 'durationMs'],
  gateway: ['refundUrl', 'exchangeRefundUrl', 'queryUrl'],
  retry: ['baseMs', 'factor', 'capMs', 'jitter', 'maxAttempts'],
  query: ['delaysMs', 'giveUpMs'],
}
