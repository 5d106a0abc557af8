import type { Quarantine } from '../refund/outcome.ts'

/** What a code says when it answers a submit. */
export type SubmitClass =
  | 'success'
  | 'already-known-query'
  | 'terminal-failure'
  | 'needs-operator'
  | 'retry-same-request'
  | 'ambiguous-query-first'

/** What a code says when it answers a query; it speaks about the query, not about the refund. */
export type QueryClass =
  | 'success'
  | 'already-known-query'
  | 'not-found'
  | 'needs-operator'
  | 'retry-same-request'
  | 'ambiguous-query-first'

export type ReturnCodeRow = readonly [
  ret_code: string,
  meaning: string,
  submit: SubmitClass,
  query: QueryClass,
  quarantine: Quarantine,
]

/**
 * Every documented return code of the gateway, over all of its products. A code of another product says nothing
 * about a refund, so those are ambiguous. Look codes up with `returnCode`; the wording of `ret_msg` decides nothing.
 */
export const RETURN_CODE_TABLE: readonly ReturnCodeRow[] = [
  // Says that the call was taken, not that money moved. One that cannot be believed counts as ambiguous, full.
  ['0000', 'The call was handled', 'success', 'success', 'full'],
  ['0106', 'Lookup of the cards bound to a user failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1000', 'Payment token expired or wrong', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  // 1001, 1004, 1008, 1012: refused before anything is stored. Once mended, the same number may be sent again.
  ['1001', 'The request signature did not verify', 'needs-operator', 'needs-operator', 'short'],
  // Older lists give 1002 as a time-out. A query is right either way; a new number never is.
  ['1002', 'The merchant number was used before', 'already-known-query', 'ambiguous-query-first', 'full'],
  ['1003', 'The transaction is being processed', 'already-known-query', 'already-known-query', 'full'],
  // Held rather than failed: usually a settings fault or an aged dt_refund, which a person can mend.
  ['1004', 'A parameter failed validation; its name is in the message', 'needs-operator', 'needs-operator', 'short'],
  ['1005', 'Payment handling failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1006', 'The payment order could not be created', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  // Does not say which link was busy: the refund may have been stored first.
  ['1007', 'Network link busy', 'ambiguous-query-first', 'retry-same-request', 'short'],
  ['1008', 'The caller address is not registered for this merchant', 'needs-operator', 'needs-operator', 'short'],
  ['1009', 'LianLian has suspended this merchant', 'needs-operator', 'needs-operator', 'short'],
  ['1012', 'The request body could not be parsed', 'needs-operator', 'needs-operator', 'short'],
  // 1014 to 1019: a limit. A person raises it or picks another day; then the same number.
  ['1014', 'Cumulative daily amount or count limit exceeded', 'needs-operator', 'ambiguous-query-first', 'full'],
  ['1016', 'Amount over the limit', 'needs-operator', 'ambiguous-query-first', 'full'],
  ['1019', 'Amount of one transaction over the limit', 'needs-operator', 'ambiguous-query-first', 'full'],
  ['1100', 'Card number not valid', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1101', 'Card reported lost', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1102', 'No such card issuer', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1103', 'Card expiry date or security code wrong', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1104', 'Card password wrong', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1105', 'Card is on a block list', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1106', 'Too many PIN attempts', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1107', 'Card cannot be used for online payment', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1108', 'Identity number, name or phone number wrong', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  [
    '1109',
    'Card number and identity number do not belong together',
    'ambiguous-query-first',
    'ambiguous-query-first',
    'full',
  ],
  ['1110', 'Card is in an abnormal state', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1111', 'Abnormal transaction, payment failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1112', 'Identity number wrong', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1113', 'Card holder name wrong', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1114', 'Phone number wrong', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1115', 'No phone number on file for the card', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1200', 'Bank not supported for payment or binding', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1201', 'Changing the card failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1202', 'Card lookup failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1805', 'Bank not supported', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1900', 'SMS code wrong', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['1901', 'SMS code expired', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  [
    '1902',
    'Amount over the limit for payment without verification',
    'ambiguous-query-first',
    'ambiguous-query-first',
    'full',
  ],
  ['2003', 'Order created', 'already-known-query', 'already-known-query', 'full'],
  ['2004', 'Card binding is being processed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  [
    '2005',
    'The transaction is already being processed; do not submit again',
    'already-known-query',
    'already-known-query',
    'full',
  ],
  // May mean that the order is too old; not documented for refunds.
  ['2006', 'The transaction has expired or is closed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['2007', 'The transaction already succeeded', 'already-known-query', 'already-known-query', 'full'],
  ['2008', 'The transaction is being processed', 'already-known-query', 'already-known-query', 'full'],
  ['3001', 'Merchant number not valid', 'needs-operator', 'needs-operator', 'short'],
  ['3002', 'Creating the user failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['3003', 'Binding agreement does not exist', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['3004', 'Cancelling the binding failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['3005', 'Query period longer than three months', 'ambiguous-query-first', 'needs-operator', 'full'],
  ['3006', 'User does not exist', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['3007', 'No such user_id', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['3008', 'End date of the query not valid', 'ambiguous-query-first', 'needs-operator', 'full'],
  ['3009', 'Card already bound', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['3010', 'Merchant lacks the payment permission', 'needs-operator', 'needs-operator', 'short'],
  ['3011', 'The user has no such binding agreement', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  [
    '4000',
    'Cancelling the binding failed; ask the card issuer',
    'ambiguous-query-first',
    'ambiguous-query-first',
    'full',
  ],
  ['4001', 'Order absent or not waiting for review', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  // 4002, 4004: instant payment only. Refunds have no call to confirm a suspected duplicate.
  ['4002', 'Looks like a duplicate order', 'already-known-query', 'ambiguous-query-first', 'full'],
  ['4003', 'Payee card and name do not match', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  [
    '4004',
    'Looks like a duplicate order and the payee name does not match the card',
    'already-known-query',
    'ambiguous-query-first',
    'full',
  ],
  ['4005', 'Merchant lacks the instant payment permission', 'needs-operator', 'needs-operator', 'short'],
  ['4006', 'Encrypting sensitive data failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['4007', 'Decrypting sensitive data failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['4008', 'Too many wrong confirmation codes', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['4009', 'Confirmation code fault', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['4010', 'Confirmation code expired', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['4011', 'Confirmation code does not match', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['4012', 'Bank card lookup fault', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['4103', 'Merchant account in an abnormal state', 'needs-operator', 'ambiguous-query-first', 'full'],
  // The one code that may be sent again with no person in between, by the word of another LianLian product.
  ['4104', 'The payment order could not be created', 'retry-same-request', 'ambiguous-query-first', 'short'],
  ['4105', 'Bank routing number lookup failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['5001', 'Card number range lookup failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  // A definite refusal of a submit; to a query it may be another way to say not found, which ends nothing.
  ['5002', 'The original transaction does not exist', 'terminal-failure', 'not-found', 'full'],
  ['5003', 'The refund amount is wrong', 'terminal-failure', 'ambiguous-query-first', 'full'],
  ['5004', 'The merchant state does not allow refunds', 'needs-operator', 'needs-operator', 'short'],
  // The text invites a retry but does not say whether a record was kept.
  ['5005', 'Refund failed, try again', 'ambiguous-query-first', 'ambiguous-query-first', 'short'],
  // 5006, 9104: money must be paid in; see HOLDS_FOR_BALANCE.
  ['5006', 'Merchant balance too low', 'needs-operator', 'ambiguous-query-first', 'short'],
  // Never ends a refund by itself; see NEVER_CONCLUSIVE.
  ['5007', 'The refunds of this order would exceed its amount', 'terminal-failure', 'ambiguous-query-first', 'full'],
  ['5008', 'The original transaction has not succeeded', 'terminal-failure', 'ambiguous-query-first', 'full'],
  ['5501', 'Bank routing number lookup failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['5502', 'Credit cards cannot receive withdrawals', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['5503', 'Merchant lacks the withdrawal permission', 'needs-operator', 'needs-operator', 'full'],
  ['5504', 'Merchant lacks permission for this operation', 'needs-operator', 'needs-operator', 'full'],
  ['5505', 'The bank is not configured; ask LianLian', 'needs-operator', 'ambiguous-query-first', 'full'],
  ['5506', 'The memo field could not be parsed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['5601', 'Payment method does not fit the card type', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['6001', 'Card balance too low', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['6002', 'Card has not passed its first verification', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['6601', 'Could not obtain the bank address; try later', 'ambiguous-query-first', 'retry-same-request', 'full'],
  ['7001', 'User exists already', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['7017', 'Amount not correct', 'terminal-failure', 'ambiguous-query-first', 'full'],
  ['7018', 'Holder data of the new card do not match', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['7119', 'Split payment data wrong', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['7777', 'Binding data must be completed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8000', 'No such user data', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8001', 'File fault', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8002', 'Writing a file failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8003', 'Parsing a file failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  // Can concern exchange refunds; whether the refund was stored is not said.
  ['8006', 'Fault in currency exchange or remittance', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8010', 'No payer data', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8099', 'Identity check failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8101', 'No such repayment plan', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8102', 'The repayment plan was already carried out', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8103', 'Repayment plan SMS not sent', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8104', 'Debit failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8105', 'Repayment changes over the limit', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  [
    '8106',
    'Agreement does not authorise this repayment plan',
    'ambiguous-query-first',
    'ambiguous-query-first',
    'full',
  ],
  ['8107', 'Repayment plan check failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8108', 'Changing the plan failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8109', 'Saving the plan failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8110', 'Verification code wrong', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8111', 'User lookup failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8112', 'Changing the plan state failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8113', 'No such instalment plan', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8114', 'Debit method does not fit', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8115', 'Repayment card not authorised', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['8116', 'Scheduled task failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  // The gateway could not tell whether it has seen the number, so neither can we.
  ['8117', 'The duplicate check itself failed', 'ambiguous-query-first', 'retry-same-request', 'full'],
  ['8888', 'SMS sent, another verification step needed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  // May only mean not stored yet: nothing is concluded before the quarantine is over.
  ['8901', 'No such record', 'ambiguous-query-first', 'not-found', 'full'],
  ['8911', 'No risk control record', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  // 9000, 9970: reads as not yet at the bank, but does not say that nothing was stored.
  ['9000', 'Bank under maintenance, try later', 'ambiguous-query-first', 'retry-same-request', 'short'],
  ['9002', 'Fault while parsing the message', 'needs-operator', 'needs-operator', 'full'],
  ['9091', 'Creating the payment failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  // oid_paybill and no_order name different payments: only a new refund can be right.
  [
    '9092',
    'The payment number and the order number do not belong together',
    'terminal-failure',
    'ambiguous-query-first',
    'full',
  ],
  // Seen from refund.htm, signed, for one number many times over.
  ['9093', 'No matching payment', 'terminal-failure', 'not-found', 'full'],
  ['9094', 'The request to the bank to debit failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['9104', 'Balance of the business account too low', 'needs-operator', 'ambiguous-query-first', 'short'],
  ['9700', 'SMS code wrong', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['9701', 'SMS code and phone do not match', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['9702', 'Too many wrong SMS codes', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['9703', 'SMS code expired', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['9704', 'Sending the SMS failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  // Also printed for: risk too high (9910). Both need a person.
  [
    '9901',
    'The request message is not valid (one table also prints 9901 for: risk too high)',
    'needs-operator',
    'needs-operator',
    'short',
  ],
  ['9902', 'Fault while calling the interface', 'ambiguous-query-first', 'retry-same-request', 'full'],
  ['9903', 'Request not valid, try later', 'ambiguous-query-first', 'retry-same-request', 'full'],
  // Older lists only. Reads as: the number exists with other content.
  [
    '9904',
    'Parameters differ from those the order was created with',
    'already-known-query',
    'ambiguous-query-first',
    'full',
  ],
  ['9907', 'Bank code does not fit the card', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['9910', 'Risk level too high', 'needs-operator', 'ambiguous-query-first', 'short'],
  ['9911', 'Amount over the set limit', 'needs-operator', 'ambiguous-query-first', 'full'],
  ['9912', 'Card not supported', 'needs-operator', 'ambiguous-query-first', 'full'],
  // Elsewhere a monthly limit. What it means for a refund is not clear.
  ['9913', 'Card already bound', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  // Does not say at which step, or whether a record exists.
  ['9920', 'Refund failed', 'ambiguous-query-first', 'ambiguous-query-first', 'full'],
  ['9921', 'Refund query failed', 'ambiguous-query-first', 'retry-same-request', 'full'],
  ['9970', 'Bank is closing its day', 'ambiguous-query-first', 'retry-same-request', 'short'],
  ['9983', 'The merchant order number was used before', 'already-known-query', 'ambiguous-query-first', 'full'],
  // 9990, 9991: the bank was involved, so money may move.
  ['9990', 'Bank fault with a bank message, try later', 'ambiguous-query-first', 'retry-same-request', 'full'],
  ['9991', 'Bank fault, ask LianLian', 'ambiguous-query-first', 'retry-same-request', 'full'],
  // LianLian: unknown, must be queried and must not be set to failed.
  ['9999', 'System error', 'ambiguous-query-first', 'retry-same-request', 'full'],
]
