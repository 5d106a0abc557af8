import { KeyError, parsePrivateKeys, parsePublicKeys } from '../src/lianlian/keys.ts'

/** What is wrong with keys, found where keys are known. */
export const keyChecks = {
  LIANLIAN_PRIVATE_KEY: (text: string) => keyFault(() => parsePrivateKeys(text)),
  LIANLIAN_PUBLIC_KEY: (text: string) => keyFault(() => parsePublicKeys(text)),
}

function keyFault(parse: () => unknown): string | undefined {
  try {
    parse()
    return undefined
  } catch (error) {
    if (error instanceof KeyError) return error.message
    throw error
  }
}
