import type { TestProject } from 'vitest/node'
import { startTestRedis } from './test-redis.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly redisUrl: string
  }
}

/** One Redis for the whole run; every test has its own keys in it, see `testNamespace`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const say = (line: string): void => {
    process.stderr.write(`test Redis: ${line}\n`)
  }
  const redis = await startTestRedis(process.env, say)
  say(redis.what)
  project.provide('redisUrl', redis.url)
  return redis.stop
}
