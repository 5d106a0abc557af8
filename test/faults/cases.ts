import { addReplyLost } from './cases/add-reply-lost.ts'
import { answerLostAfterAcceptance } from './cases/answer-lost-after-acceptance.ts'
import { answersNotToBeBelieved } from './cases/answers-not-to-be-believed.ts'
import { blockedEventLoop } from './cases/blocked-event-loop.ts'
import { clusterOwnerLost } from './cases/cluster-owner-lost.ts'
import { completionRefused } from './cases/completion-refused.ts'
import { completionWithoutRedis } from './cases/completion-without-redis.ts'
import { frozenBeforeRequest } from './cases/frozen-before-request.ts'
import { frozenMaster } from './cases/frozen-master.ts'
import { killedBeforeAnswer } from './cases/killed-before-answer.ts'
import { killedBeforeCommit } from './cases/killed-before-commit.ts'
import { killedBeforeCompletion } from './cases/killed-before-completion.ts'
import { killedBeforePublish } from './cases/killed-before-publish.ts'
import { killedBeforeRequest } from './cases/killed-before-request.ts'
import { killedEverySecond } from './cases/killed-every-second.ts'
import { killedTenTimes } from './cases/killed-ten-times.ts'
import { laggingFailover } from './cases/lagging-failover.ts'
import { memoryFull } from './cases/memory-full.ts'
import { notificationsNotToBeTrusted } from './cases/notifications-not-to-be-trusted.ts'
import { orderSharedByMany } from './cases/order-shared-by-many.ts'
import { paidAndAnswered500 } from './cases/paid-and-answered-500.ts'
import { powerCut } from './cases/power-cut.ts'
import { queueRepliesLost } from './cases/queue-replies-lost.ts'
import { queuesDeleted } from './cases/queues-deleted.ts'
import { redisKilled } from './cases/redis-killed.ts'
import { rollingRestart } from './cases/rolling-restart.ts'
import { scriptsFlushed } from './cases/scripts-flushed.ts'
import type { FaultCase } from './fault-case.ts'

/** All that may go wrong, in the order of the list in docs/safety.md. */
export const CASES: readonly FaultCase[] = [
  killedBeforeRequest,
  killedBeforeAnswer,
  killedBeforeCommit,
  killedBeforePublish,
  killedBeforeCompletion,
  killedTenTimes,
  frozenBeforeRequest,
  blockedEventLoop,
  completionRefused,
  addReplyLost,
  queueRepliesLost,
  redisKilled,
  powerCut,
  completionWithoutRedis,
  laggingFailover,
  frozenMaster,
  clusterOwnerLost,
  scriptsFlushed,
  memoryFull,
  queuesDeleted,
  answerLostAfterAcceptance,
  paidAndAnswered500,
  answersNotToBeBelieved,
  notificationsNotToBeTrusted,
  rollingRestart,
  orderSharedByMany,
  killedEverySecond,
]
