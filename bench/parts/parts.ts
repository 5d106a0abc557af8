import type { Result } from '../support/results.ts'
import type { Stage } from '../support/stage.ts'
import { appendfsync } from './appendfsync.ts'
import { backlog } from './backlog.ts'
import { bytes } from './bytes.ts'
import { ceiling } from './ceiling.ts'
import { cpuPerPart } from './cpu-per-part.ts'
import { endToEnd1, endToEnd2 } from './end-to-end.ts'
import { forgedFlood } from './forged-flood.ts'
import { history } from './history.ts'
import { ackP99, notificationToEvent } from './notifications.ts'
import { receiver } from './receiver.ts'
import { recovery } from './recovery.ts'
import { soak } from './soak.ts'

/** In the order in which they run. */
export const parts: Readonly<Record<string, (stage: Stage) => Promise<Result[]>>> = {
  'end-to-end-1': endToEnd1,
  'end-to-end-2': endToEnd2,
  ceiling,
  'cpu-per-part': cpuPerPart,
  receiver,
  appendfsync,
  backlog,
  history,
  soak,
  bytes,
  'notification-to-event': notificationToEvent,
  'ack-p99': ackP99,
  'forged-flood': forgedFlood,
  recovery,
}
