import type { Target } from './target.ts'
import { answerTarget } from './targets/answer.ts'
import { clientTarget } from './targets/client.ts'
import { jobTarget } from './targets/job.ts'
import { notificationTarget } from './targets/notification.ts'
import { receiverTarget } from './targets/receiver.ts'
import { reportTarget } from './targets/report.ts'
import { settingsTarget } from './targets/settings.ts'

/** Every reader that strangers, or a slip of the hand, may give anything to. */
export function allTargets(): readonly Target[] {
  return [
    notificationTarget(),
    receiverTarget(),
    answerTarget(),
    clientTarget(),
    jobTarget(),
    settingsTarget(),
    reportTarget(),
  ]
}
