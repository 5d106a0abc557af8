import type { Mark } from './marks.ts'

/** Something that the program gave away, and where. */
export interface Output {
  readonly where: string
  readonly text: string
}

/** So long are only keys, signatures and bodies: ids and hashes are shorter. */
const LONG_BASE64 = /[A-Za-z0-9+/]{100,}={0,2}/g

/** Which secret stands where, without a word of it; empty is right. */
export function secretsIn(outputs: readonly Output[], marks: readonly Mark[]): readonly string[] {
  return outputs.flatMap(({ where, text }) => {
    const texts = formsOf(text)
    return marks
      .filter(({ forms }) => forms.some((form) => texts.some((each) => each.includes(form))))
      .map(({ what }) => `${where}: ${what}`)
  })
}

/** Runs of base64 as long as a signature: what nobody marked. */
export function longTextsIn(outputs: readonly Output[]): readonly string[] {
  return outputs.flatMap(({ where, text }) =>
    (text.match(LONG_BASE64) ?? []).map((run) => `${where}: ${run.slice(0, 12)}...`),
  )
}

/** The text, and the same without what breaks lines and separates numbers. */
function formsOf(text: string): readonly string[] {
  return [text, text.replaceAll(/\\+[nr]|\s/g, '')]
}
