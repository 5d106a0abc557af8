interface Exported {
  readonly head: readonly string[]
  readonly samples: string[]
}

const COMMENT = /^# (HELP|TYPE) (\S+) /
const NAME = /^[a-zA-Z_:][\w:]*/

/**
 * Brings what BullMQ says of each queue into one text. Prometheus takes a name's `HELP` and `TYPE` once and its samples in
 * one piece; BullMQ writes both for every queue, and ends without a line feed.
 *
 * @param texts of `Queue.exportPrometheusMetrics()`, one a queue
 */
export function mergeBullmq(texts: readonly string[]): string {
  const families = new Map<string, Exported>()
  for (const text of texts) {
    const lines = text.split('\n')
    for (const line of lines.filter((each) => !each.startsWith('#'))) {
      const name = NAME.exec(line)?.[0]
      if (name === undefined) continue
      const family = families.get(name) ?? { head: headOf(name, lines), samples: [] }
      family.samples.push(line)
      families.set(name, family)
    }
  }
  return [...families.values()].map(({ head, samples }) => `${[...head, ...samples].join('\n')}\n`).join('\n')
}

function headOf(name: string, lines: readonly string[]): readonly string[] {
  return lines.filter((line) => COMMENT.exec(line)?.[2] === name).map((line) => typed(name, line))
}

/** `bullmq_job_count` keeps its name, which others' dashboards know; as a gauge, promtool would object to its ending. */
function typed(name: string, line: string): string {
  return name.endsWith('_count') ? line.replace(/^# TYPE (\S+) gauge$/, '# TYPE $1 untyped') : line
}
