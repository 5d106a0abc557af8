export type Done = { readonly ok: true } | { readonly ok: false; readonly error: unknown }

/** Whether it was done, and in time. What is late goes on, and nobody hears of it any more. */
export async function within(ms: number, doing: Promise<unknown>): Promise<Done> {
  const { promise: late, resolve } = Promise.withResolvers<Done>()
  const timer = setTimeout(() => resolve({ ok: false, error: new Error('too slow') }), ms)
  const done = doing.then(
    (): Done => ({ ok: true }),
    (error: unknown): Done => ({ ok: false, error }),
  )
  try {
    return await Promise.race([done, late])
  } finally {
    clearTimeout(timer)
  }
}
