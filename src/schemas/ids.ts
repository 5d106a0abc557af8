/** Names of the published schemas; they end in the version of the form. */
export const REFUND_ID = 'urn:lianlian-refund-worker:refund:1'
export const REFUND_EVENT_ID = 'urn:lianlian-refund-worker:refund-event:1'
