#!/usr/bin/env node
/** refundctl: see `--help`. What needs a newer Node is imported only after the check. */
import process from 'node:process'

const LEAST_NODE = 24

const [major = '0'] = process.versions.node.split('.')
if (Number(major) < LEAST_NODE) {
  process.stderr.write(`refundctl: needs Node ${LEAST_NODE} or newer, this is ${process.versions.node}\n`)
  process.exitCode = 1
} else {
  const { runCommandLine } = await import('./program.ts')
  const { env, stdin, stdout, stderr } = process
  const code = await runCommandLine(process.argv.slice(2), { env, stdin, stdout, stderr })
  // a simulator that was started goes on, and has a code of its own
  if (code !== 0) process.exitCode = code
}
