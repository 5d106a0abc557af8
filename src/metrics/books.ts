import type { Registry } from 'prom-client'
import { DIFFERENCE_KINDS } from '../books/difference.ts'
import type { Overview } from '../flows/overview.ts'
import { gauge } from './family.ts'

/** Whether our books and the gateway's agree. */
export function books(registry: Registry, view: Overview): void {
  gauge(registry, {
    name: 'refund_books_differences',
    help: 'What keeps our books and those of LianLian from being the same, over all days that were compared.',
    samples: view.books.flatMap(({ oid_partner, differences }) =>
      DIFFERENCE_KINDS.map((kind) => ({ labels: { oid_partner, kind }, value: differences[kind] ?? 0 })),
    ),
  })
  gauge(registry, {
    name: 'refund_books_compared_timestamp_seconds',
    help: 'When the books were last compared, as Unix time.',
    samples: view.books.map(({ oid_partner, at }) => ({ labels: { oid_partner }, value: at / 1000 })),
  })
}
