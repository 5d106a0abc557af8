import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { bashCompletion, zshCompletion } from '../../src/cli/completion-script.ts'
import { refundctl } from './refundctl.ts'

/** What bash would offer after these words. */
function offered(script: string, ...words: string[]): string[] {
  const asked = `${script}\nCOMP_WORDS=(refundctl ${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length}; _refundctl; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr, status } = spawnSync('bash', ['-c', asked], { encoding: 'utf8' })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  return stdout.split('\n').filter((word) => word !== '')
}

test('bash completes commands, options and their values', async () => {
  const { code, out } = await refundctl({})('completion', 'bash')
  expect(code).toBe(0)
  expect(offered(out, 'rel')).toEqual(['release'])
  expect(offered(out, 'list', '--hel')).toEqual(['--help', '--held-for'])
  expect(offered(out, 'list', '--state', 'un')).toEqual(['unknown'])
  expect(offered(out, 'release', '--held-for', 'insu')).toEqual(['insufficient_balance'])
  expect(offered(out, 'get', '-o', 'j')).toEqual(['json', 'jsonl'])
  expect(offered(out, 'unmatched', 'dis')).toEqual(['dismiss'])
})

test('both scripts quote what they hold', () => {
  const words = [{ name: 'get', summary: "it's: $(x)", options: ['--a'], words: [], values: new Map() }]
  expect(zshCompletion(words)).toContain("'get:it'\\''s  $(x)'")
  expect(offered(bashCompletion(words), 'get', '--')).toEqual(['--a'])
})

test('an unknown shell is wrong usage', async () => {
  expect(await refundctl({})('completion', 'fish')).toMatchObject({ code: 2 })
})
