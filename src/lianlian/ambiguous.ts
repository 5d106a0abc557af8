import type { FlatMessage } from './flat-message.ts'

const FURTHER_FIELD = /&[^&]*=/

/**
 * Whether the signature of a message may have been made for another one.
 *
 * Values are signed unescaped: `a=1&b=2` is the source of {a: "1", b: "2"} and of {a: "1&b=2"}, and LianLian's one key
 * signs for every merchant. Who gets a text of his own signed, in any message to anybody, could put fields of ours
 * together from it, and hide what does not suit him, such as the true oid_partner or a ret_code, in a value. Such a value
 * reads as further fields. The gateway sends none: only notify_url has both signs, and it is never sent back.
 */
export function isAmbiguous(message: FlatMessage): boolean {
  return Object.values(message).some((value) => FURTHER_FIELD.test(value))
}
