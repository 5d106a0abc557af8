import { styleText } from 'node:util'
import type { DemoOptions } from './arguments.ts'
import { frame, type Progress, progressLine } from './progress.ts'

const LINE_EVERY_MS = 3000

export interface Screen {
  readonly say: (line: string) => void
  readonly show: (progress: Progress) => void
}

/** Shows progress on stderr: redrawn in place on a terminal, else a line every few seconds. */
export function openScreen(options: DemoOptions, env: NodeJS.ProcessEnv, out: NodeJS.WriteStream): Screen {
  const unicode = /utf-?8/i.test(env.LC_ALL ?? env.LC_CTYPE ?? env.LANG ?? '')
  let height = 0
  let nextLineAt = 0

  function redraw(progress: Progress): void {
    // npm start-up puts us into a session of our own, which the terminal tells nothing of a new size: ask for it
    process.emit('SIGWINCH', 'SIGWINCH')
    const lines = frame(options, progress, { columns: out.columns, unicode }).slice(0, Math.max(1, out.rows - 2))
    const [title = '', ...rest] = lines
    const text = [styleText('bold', title, { stream: out }), ...rest].map((line) => `${line}\u001b[K\n`).join('')
    // one write, over the old text and not after clearing it: nothing flickers
    out.write(`${height > 0 ? `\u001b[${height}F` : ''}${text}\u001b[J`)
    height = lines.length
  }

  return {
    say(line) {
      // whatever stands above stays there
      height = 0
      out.write(`${line}\n`)
    },
    show(progress) {
      if (out.isTTY) redraw(progress)
      else if (progress.elapsedMs >= nextLineAt) {
        nextLineAt = progress.elapsedMs + LINE_EVERY_MS
        out.write(`${progressLine(progress)}\n`)
      }
    },
  }
}
