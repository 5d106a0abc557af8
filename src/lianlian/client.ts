import type { QueryOutcome, SubmitOutcome } from '../refund/outcome.ts'
import type { RefundRequest } from '../refund/request.ts'
import { classifyQuery, classifySubmit } from './classify.ts'
import type { Exchange } from './exchange.ts'
import type { PrivateKey, PublicKey } from './keys.ts'
import { refundMessage, refundQueryMessage } from './messages.ts'
import { createTransport } from './transport.ts'

export interface GatewayOptions {
  readonly refundUrl: string
  readonly exchangeRefundUrl: string
  readonly queryUrl: string
  /** the whole call, in milliseconds */
  readonly timeoutMs: number
  /** ours; one client a merchant */
  readonly privateKey: PrivateKey
  /** LianLian's; several during a change */
  readonly publicKeys: readonly PublicKey[]
  /** whether an unsigned definite refusal may end a refund without a query */
  readonly trustUnsignedRefusals: boolean
  /** certificate authorities as PEM, trusted in place of the system's */
  readonly ca?: string
  /** SHA-256 of public keys (SubjectPublicKeyInfo) in base64: the gateway must have one of them */
  readonly pinnedKeys?: readonly string[]
  /** `http://user:password@host:port`: tunnels every call */
  readonly proxyUrl?: { reveal(): string }
}

export interface Gateway {
  /**
   * Sends the refund once.
   *
   * @param mayWrite asked at the last moment before the first byte is written, so that an expired claim does not send
   */
  readonly submit: (request: RefundRequest, mayWrite?: () => boolean) => Promise<SubmitOutcome>
  readonly query: (request: RefundRequest) => Promise<QueryOutcome>
  readonly close: () => void
}

/** Signs, sends, verifies and classifies. Nothing here retries, and no outcome is an exception. */
export function createGateway(options: GatewayOptions): Gateway {
  const { privateKey, publicKeys, trustUnsignedRefusals, timeoutMs, ca, pinnedKeys, proxyUrl } = options
  const transport = createTransport({
    timeoutMs,
    ...(ca !== undefined && { ca }),
    ...(pinnedKeys && { pinnedKeys }),
    ...(proxyUrl && { proxy: new URL(proxyUrl.reveal()) }),
  })

  async function exchange(url: string, message: () => string, mayWrite: () => boolean): Promise<Exchange> {
    let body: string
    try {
      body = message()
    } catch {
      // The cause is dropped on purpose: an error of the signing library could quote the key.
      return { kind: 'never_left', reason: 'signing failed', unreachable: false }
    }
    return transport.post(url, body, mayWrite)
  }

  return {
    async submit(request, mayWrite = () => true) {
      const url = request.kind === 'exchange' ? options.exchangeRefundUrl : options.refundUrl
      const received = await exchange(url, () => refundMessage(request, privateKey), mayWrite)
      return classifySubmit({ request, exchange: received, publicKeys, trustUnsignedRefusals })
    },
    async query(request) {
      const received = await exchange(
        options.queryUrl,
        () => refundQueryMessage(request, privateKey),
        () => true,
      )
      return classifyQuery({ request, exchange: received, publicKeys })
    },
    close: transport.close,
  }
}
