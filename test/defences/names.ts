/** What stands between a fault and the money; each can be switched off in a test, to see that something then fails. */
export const DEFENCES = [
  'claim',
  'query_before_send',
  'version_check',
  'outbox_in_commit',
  'sweeper',
  'notification_signature',
  'amount_check',
  'answer_verification',
] as const

export type Defence = (typeof DEFENCES)[number]
