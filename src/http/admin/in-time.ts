/** What the work came to, or `late` when it takes longer; it is not broken off. */
export async function inTime<Result>(work: Promise<Result>, ms: number): Promise<Result | 'late'> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => resolve('late'), ms)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
