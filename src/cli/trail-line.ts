import { z } from 'zod'

/** One line of a refund's history as stored. A newer version may write more. */
const trailLine = z.looseObject({
  at: z.number(),
  observation: z.string(),
  from: z.string(),
  to: z.string(),
  holds: z.array(z.string()).default([]),
  note: z.string(),
  attempt: z.number().optional(),
  ret_code: z.string().optional(),
  by: z.string().optional(),
  times: z.number().optional(),
  since: z.number().optional(),
})
export type TrailLine = z.infer<typeof trailLine>

export function readTrailLine(json: string): TrailLine {
  return trailLine.parse(JSON.parse(json))
}
