/** For faults that must not come. */
export function fail(error: Error): never {
  throw error
}
