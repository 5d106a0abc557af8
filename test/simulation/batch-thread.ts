import { parentPort, workerData } from 'node:worker_threads'
import { runBatch } from './batch.ts'

const result = await runBatch(workerData)
// the rule is about windows: a port has no origin
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort?.postMessage(result)
