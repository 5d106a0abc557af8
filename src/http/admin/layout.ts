import { type Html, html } from './html.ts'

export interface Page {
  readonly title: string
  readonly body: Html
  /** seconds until the browser loads it again; absent: never */
  readonly refresh?: number
}

export const STYLE_PATH = '/status.css'

/** A page without scripts. The empty icon keeps browsers from asking for one. */
export function layout({ title, body, refresh }: Page): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">${refresh !== undefined && html`<meta http-equiv="refresh" content="${refresh}">`}
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${STYLE_PATH}">
</head>
<body>
${body}
</body>
</html>
`
}
