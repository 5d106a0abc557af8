/**
 * A server that does not know a command quotes what it was given, and that may be the password of AUTH or HELLO; who
 * cannot use a URL of Redis may quote that.
 */
export function withoutArguments(text: string): string {
  return text.replaceAll(/(with args beginning with:).*/gi, '$1 ***').replaceAll(/(rediss?:\/\/)[^\s/]*@/gi, '$1***@')
}

/**
 * The same error for somebody else's log. What hangs on one of Redis, and on the errors that it was made from, may be the
 * command that failed with all it was given: AUTH is one.
 */
export function withoutCommand(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(withoutArguments(String(error)))
  const told = new Error(withoutArguments(error.message))
  told.name = error.name
  if (error.stack !== undefined) told.stack = withoutArguments(error.stack)
  return 'code' in error && typeof error.code === 'string' ? Object.assign(told, { code: error.code }) : told
}
