import type { Sum } from '../../flows/overview.ts'
import { yuanFromFen } from '../../refund/money.ts'
import { type Html, html } from './html.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Fen as `¥1,234.56`, with the plain number for machines. */
export function yuan(fen: number): Html {
  const text = yuanFromFen(fen)
  return html`<data value="${text}">¥${grouped(text)}</data>`
}

/** `3 refunds, ¥600.03` */
export function refunds({ count, fen }: Sum): Html {
  return html`${whole(count)} ${count === 1 ? 'refund' : 'refunds'}, ${yuan(fen)}`
}

/** `12345` becomes `12,345`. */
export function whole(count: number): string {
  return grouped(String(count))
}

/** How long ago, in at most two units: `3 s`, `5 min`, `2 h 5 min`, `4 d 1 h`. */
export function age(since: number, now: number): Html {
  const seconds = Math.max(0, Math.floor((now - since) / 1_000))
  return html`<time datetime="${new Date(since).toISOString()}" title="${instantText(since)}">${span(seconds)}</time>`
}

/** `2026-11-22 05:22:18 UTC` */
export function instant(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${instantText(at)}</time>`
}

function instantText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function span(seconds: number): string {
  if (seconds < MINUTE) return `${seconds} s`
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`
  if (seconds < DAY) return twoUnits(Math.floor(seconds / HOUR), 'h', Math.floor((seconds % HOUR) / MINUTE), 'min')
  return twoUnits(Math.floor(seconds / DAY), 'd', Math.floor((seconds % DAY) / HOUR), 'h')
}

function twoUnits(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`
}

function grouped(digits: string): string {
  return digits.replace(/\B(?<!\..*)(?=(\d{3})+(?!\d))/g, ',')
}
