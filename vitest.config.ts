import { defineConfig } from 'vitest/config'
import { NODE_COMPILE_CACHE } from './test/support/program-environment.ts'

const report = process.env.TEST_REPORT
// For the test files' own processes, and what these start.
process.env.NODE_COMPILE_CACHE ??= NODE_COMPILE_CACHE

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real processes, signals and sockets: a test file has a process of its own.
    pool: 'forks',
    // Most tests wait for a process or a timer: more files than cores may run at once.
    maxWorkers: 3,
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/leaks.ts'],
    testTimeout: 20_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    reporters: [
      'default',
      // Names what keeps the run from ending, should anything.
      'hanging-process',
      // CI counts the tests from this file.
      ...(report === undefined ? [] : [['json', { outputFile: report }] as const]),
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'workers/**/*.ts', 'config/**/*.ts'],
      reporter: ['text-summary', 'html'],
    },
  },
})
