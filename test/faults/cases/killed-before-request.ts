import type { FaultCase } from '../fault-case.ts'

export const killedBeforeRequest: FaultCase = {
  number: 1,
  title: 'kill -9 of the worker before the request leaves',
  async play(open) {
    const stage = await open()
    const worker = await stage.start({ stopAt: ['before_request'] })
    await stage.addMany(5)
    await worker.reached('before_request')
    await worker.kill()
    if (stage.simulator.requests.length > 0) throw new Error('a request left')
    await stage.start()
  },
}
