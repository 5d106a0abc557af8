/**
 * What became of one HTTP call to the gateway.
 *
 * - `answered`: a whole response arrived, of any status.
 * - `lost`: the request was given to a connection, so it may have reached the gateway, and no usable response came.
 * - `never_left`: not one byte of it was written. `unreachable` when no connection could be made, as opposed to a
 *   decision of our own not to send.
 *
 * Reasons are for people and hold no secret.
 */
export type Exchange =
  | { readonly kind: 'answered'; readonly status: number; readonly body: Uint8Array }
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'never_left'; readonly reason: string; readonly unreachable: boolean }
