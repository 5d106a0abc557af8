/** What may stand in an expression beside metrics. */
const WORDS = new Set(['and', 'or', 'unless', 'by', 'without', 'ignoring', 'on', 'offset', 'group_left', 'group_right'])

/** The names of the metrics that an expression of PromQL reads. */
export function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/#.*$/gm, '')
    .replace(/\b(by|without|ignoring|on)\s*\([^)]*\)/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\boffset\s+\w+/g, '')
  const names = [...bare.matchAll(/(?<![\w.$])([a-zA-Z_]\w*)\b(?!\s*\()/g)].map(([, name = '']) => name)
  return names.filter((name) => !WORDS.has(name))
}

/** The labels that an expression of PromQL asks for, each with the metric that must have it. */
export function selectorsIn(
  expression: string,
): { readonly metric: string; readonly label: string; readonly value: string }[] {
  return [...expression.matchAll(/([a-zA-Z_]\w*)\{([^}]*)\}/g)].flatMap(([, metric = '', inner = '']) =>
    [...inner.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)].flatMap(([, label = '', values = '']) =>
      values.split('|').map((value) => ({ metric, label, value })),
    ),
  )
}
