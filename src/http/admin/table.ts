import { type Html, html, type Piece } from './html.ts'

export interface Table {
  readonly caption: string
  /** a name that begins with `#` heads a column of numbers */
  readonly columns: readonly string[]
  /** a row's first cell names it */
  readonly rows: readonly (readonly Piece[])[]
  /** said in place of a table without rows */
  readonly empty?: string
}

interface Column {
  readonly name: string
  readonly numeric: boolean
}

/** A table that a narrow screen shows as a list: each cell knows the name of its column. */
export function table({ caption, columns: names, rows, empty }: Table): Html {
  if (rows.length === 0) return html`<p class="quiet"><b>${caption}:</b> ${empty ?? 'none'}.</p>`
  const columns = names.map((name) => ({ name: name.replace(/^#/, ''), numeric: name.startsWith('#') }))
  return html`<table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ name, numeric }) => html`<th scope="col"${classOf(numeric)}>${name}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => row(columns, cells))}</tbody>
</table>`
}

function row(columns: readonly Column[], [first, ...others]: readonly Piece[]): Html {
  return html`<tr><th scope="row">${first}</th>${others.map((cell, index) => {
    const { name, numeric } = columns[index + 1] ?? { name: '', numeric: false }
    return html`<td data-label="${name}"${classOf(numeric)}><span>${cell}</span></td>`
  })}</tr>
`
}

function classOf(numeric: boolean): Html | false {
  return numeric && html` class="number"`
}
