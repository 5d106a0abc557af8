import { epochOfGatewayTime } from '../refund/gateway-time.ts'

/** One of LianLian's reports: what a merchant's account saw on a day, or in a month, of settlement. */
export interface Report {
  readonly oid_partner: string
  /** `yyyyMMdd` of a daily report, `yyyyMM` of a monthly one */
  readonly period: string
}

const NAME = /^JYMX_(\d{18})_(\d{8}|\d{6})\.txt$/

/** Reads the name of a report's file, without its folder. @returns undefined when it is not such a name */
export function reportOfName(name: string): Report | undefined {
  const [, oid_partner = '', period = ''] = NAME.exec(name) ?? []
  return oid_partner !== '' && firstMomentOf(period) !== undefined ? { oid_partner, period } : undefined
}

/** Whether a day, `yyyyMMdd`, is one of the report's. */
export function covers({ period }: Report, day: string): boolean {
  return day.startsWith(period)
}

export function overlap(one: Report, other: Report): boolean {
  return one.oid_partner === other.oid_partner && (covers(one, other.period) || covers(other, one.period))
}

/** When the period begins, epoch ms; undefined for one that does not exist (`20130230`). */
export function firstMomentOf(period: string): number | undefined {
  return epochOfGatewayTime(`${period.padEnd(8, '01')}000000`)
}
