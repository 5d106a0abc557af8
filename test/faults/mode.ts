/** What the gateway does with a number that comes again; `pay_again` proves that we never repeat one wrongly. */
export const MODES = ['refuse', 'pay_again'] as const
export type Mode = (typeof MODES)[number]
