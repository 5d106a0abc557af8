import type { FaultCase } from '../fault-case.ts'
import { brought } from '../worker-log.ts'

const COUNT = 10

/** Once right behind the commit, with nobody there to publish, and once with the events in the publisher's hand. */
export const killedBeforePublish: FaultCase = {
  number: 4,
  title: 'kill -9 of the worker after the commit, before the event is published',
  async play(open) {
    const stage = await open({ simulator: { settleMs: 0, scriptFor: () => ({ notify: ['lost'] }) } })
    const settler = await stage.start({ roles: ['submit', 'receive', 'admin'], stopAt: ['after_settled'] })
    await stage.addMany(COUNT, 'A')
    await settler.reached('after_settled')
    await brought(settler, 'sending', COUNT)
    await settler.kill()

    const publisher = await stage.start({ stopAt: ['before_publish'] })
    await stage.addMany(COUNT, 'B')
    await publisher.reached('before_publish')
    await brought(publisher, 'succeeded', COUNT)
    await publisher.kill()
    if (stage.subscriber.events.size > 0) throw new Error('an event was published')
    await stage.start()
  },
}
