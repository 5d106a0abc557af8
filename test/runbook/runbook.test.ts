import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { trailIn } from '../../src/ledger/codec.ts'
import { type Fleet, startFleet } from '../e2e/fleet.ts'
import { PARTNER } from '../e2e/settings.ts'
import { eventually } from '../support/eventually.ts'
import { type Command, readRunbook, withoutChance, wordsOf } from './book.ts'
import { ENDS } from './ends.ts'
import { happen, makeMix, NO, SETTINGS, SUBSCRIBER, silentOnes } from './mix.ts'
import { DUTIES, filledIn } from './operator.ts'
import { type Ran, type Refundctl, refundctlWith } from './refundctl.ts'

const { commands, shown } = readRunbook()
const stuck = z.array(z.looseObject({ no_refund: z.string(), holds: z.array(z.string()) }))
const notices = z.array(z.looseObject({ entry: z.string(), no_refund: z.string() }))

const trailLine = z.looseObject({
  at: z.number(),
  observation: z.string(),
  note: z.string(),
  by: z.string().optional(),
})
const looks = (command: Command) =>
  /^refundctl (?:status|list|get|timeline|config|unmatched)(?! dismiss)/.test(command.line)

/** What the page gives as reasons and evidence, and what was said before. */
const reasons = [
  ...commands.flatMap(({ line }) => [...line.matchAll(/--(?:reason|evidence) "([^"]+)"/g)].map(([, why = '']) => why)),
  'asked by hand',
  'before the night',
]

interface Played {
  readonly section: string
  readonly line: string
  readonly ran: Ran
}

describe('a night with every kind of stuck refund, and the commands of the runbook', () => {
  let fleet: Fleet
  let refundctl: Refundctl
  let before: { readonly held: readonly string[]; readonly holds: ReadonlySet<string>; readonly queued: number }
  const played: Played[] = []

  const listed = async (...words: readonly string[]) =>
    stuck.parse(JSON.parse((await refundctl.run('list', ...words, '-o', 'json')).stdout))

  beforeAll(async () => {
    fleet = await startFleet({ programs: [], settings: SETTINGS })
    refundctl = refundctlWith(fleet.settings)
    const early = await fleet.start('all', { QUERY_GIVE_UP_MS: '500' })
    await silentOnes(fleet)
    early.signal('SIGTERM')
    await early.ended
    await fleet.start('all')
    await makeMix(fleet, refundctl)

    const held = await listed('--state', 'held')
    before = {
      held: held.map(({ no_refund }) => no_refund),
      holds: new Set(held.flatMap(({ holds }) => holds)),
      queued: (await fleet.events(NO.well, SUBSCRIBER)).length,
    }
    await play()
  }, 240_000)
  afterAll(async () => {
    await fleet?.stop()
  })

  /** What persons have done about a refund, oldest first. */
  async function deedsOf(no_refund: string) {
    const stored = await fleet.redis.get(`${fleet.settings.LEDGER_PREFIX}:r:${PARTNER}:${no_refund}`)
    return trailIn(stored)
      .map((line) => trailLine.parse(JSON.parse(line)))
      .filter(({ by }) => by !== undefined)
  }

  /** Plays the page from its first command to its last. */
  async function play(): Promise<void> {
    const { stdout } = await refundctl.run('unmatched', '-o', 'json')
    const { entry } = notices.parse(JSON.parse(stdout)).find(({ no_refund }) => no_refund === NO.stranger) ?? {
      entry: '',
    }
    while (played.length < commands.length) await playTogether(played.length, entry)
  }

  /** What only looks is run together with what only looks after it. */
  async function playTogether(from: number, entry: string): Promise<void> {
    const first = commands[from]
    if (first === undefined) return
    const end = commands.findIndex((each, at) => at > from && !(looks(first) && looks(each)))
    const group = commands.slice(from, end === -1 ? undefined : end)
    const happening = DUTIES[first.section]?.before?.[wordsOf(first.line)[0] ?? '']
    if (happening !== undefined) happen(fleet, happening)
    const run = group.map(async ({ section, line }) => ({
      section,
      line,
      ran: await refundctl.run(...filledIn(section, wordsOf(line), entry)),
    }))
    played.push(...(await Promise.all(run)))
  }

  test('the night had all of it: every hold reason, unknown ones, contradictions, an unmatched notification', () => {
    expect([...before.holds].toSorted()).toEqual(
      ['amount_mismatch', 'attempts_spent', 'cap', 'configuration', 'contradiction', 'insufficient_balance']
        .concat(['operator', 'silence'])
        .toSorted(),
    )
    expect(before.held.length).toBeGreaterThanOrEqual(14)
    const seen = played.map(({ line, ran }) => `${line}\n${ran.stdout}`)
    const printed = (line: string) => seen.find((each) => each.startsWith(line)) ?? ''
    expect(printed('refundctl list --contradiction')).toContain(NO.saidFailed)
    expect(printed('refundctl list --contradiction')).toContain(NO.saidPaid)
    expect(printed('refundctl unmatched')).toContain(NO.stranger)
    expect(printed('refundctl timeline')).toContain('a notification of another amount')
  })

  test('every command of the page was run as it stands, and did what it says', () => {
    expect(played).toHaveLength(commands.length)
    const faults = played.filter(({ ran }) => ran.code !== 0)
    expect(faults.map(({ section, line, ran }) => `${section}: ${line}: ${ran.code}: ${ran.stderr}`)).toEqual([])
    const idle = played.filter(({ ran }) => /nothing was changed/.test(ran.stderr))
    expect(idle.map(({ line }) => line).filter((line) => !line.includes('--dry-run'))).toEqual([])
  })

  test('what the page shows is what its commands print', () => {
    const printed = new Set(
      played.flatMap(({ ran }) => `${ran.stdout}\n${ran.stderr}`.split('\n')).map((line) => withoutChance(line)),
    )
    expect(shown.filter((line) => !printed.has(withoutChance(line)))).toEqual([])
    expect(shown.length).toBeGreaterThan(20)
  })

  describe.for(ENDS)('$name', ({ no_refund, end: { state, events, deeds, byItself, mayBeReleased } }) => {
    test('comes to its right end, with the events that say so', { timeout: 40_000 }, async () => {
      await eventually(
        async () => expect(await fleet.standing(no_refund)).toMatchObject({ state, contradiction: false }),
        {
          timeoutMs: 30_000,
        },
      )
      const told = await eventually(async () => {
        const seen = await fleet.events(no_refund)
        return seen.length === events.length && seen
      })
      expect(told.toSorted((a, b) => a.id.localeCompare(b.id)).map(({ type }) => type)).toEqual(events)
      expect(fleet.moved(no_refund)).toBe(state === 'succeeded' ? 1 : 0)
    })

    test('says in its history who did what, when and why', async () => {
      const done = await deedsOf(no_refund)
      const said = done.map(({ observation }) => observation)
      if (mayBeReleased === true && said.at(-1) === 'release') said.pop()
      if (byItself !== true || said.length > 0) expect(said).toEqual(deeds)
      for (const { by, at, note } of done) {
        expect(by).toMatch(/^\S+@\S+$/)
        expect(Date.now() - at).toBeLessThan(10 * 60_000)
        expect(
          reasons.some((reason) => note.endsWith(reason)),
          note,
        ).toBe(true)
      }
    })
  })

  test('nothing is left: no hold, no contradiction, no notification, no open refund', async () => {
    await eventually(async () => expect(await listed('--state', 'open')).toEqual([]))
    expect(await listed('--contradiction')).toEqual([])
    expect(notices.parse(JSON.parse((await refundctl.run('unmatched', '-o', 'json')).stdout))).toEqual([])
  })

  test("the gateway's book agrees: nothing was paid twice, and nothing but what succeeded", () => {
    const { doubled, moved } = fleet.simulator.summary()
    expect(doubled).toEqual([])
    const paid = ENDS.filter(({ end: { state } }) => state === 'succeeded')
    expect(Object.keys(moved)).toHaveLength(paid.length)
  })

  test('the subscriber that lost an event has it again, with the same id', async () => {
    const again = await fleet.events(NO.well, SUBSCRIBER)
    expect(again.map(({ id }) => id)).toEqual([`${PARTNER}/${NO.well}/1`, `${PARTNER}/${NO.well}/1`])
    expect(before.queued).toBe(1)
    expect(await fleet.events(NO.well)).toHaveLength(1)
  })

  test('what was done to the fleet stands there with name and reason, and nothing is left stopped or paused', async () => {
    const { stdout } = await refundctl.run('status', '-o', 'json')
    const seen = z
      .looseObject({
        operations: z.array(z.looseObject({ action: z.string(), by: z.string(), reason: z.string() })),
        queues: z.array(z.looseObject({ paused: z.boolean() })),
        gates: z.array(z.looseObject({ stopped: z.unknown().optional() })),
        stopped: z.unknown().optional(),
        safeStart: z.number(),
      })
      .parse(JSON.parse(stdout))
    const actions = seen.operations.map(({ action }) => action.split(' ')[0])
    for (const action of ['stop', 'resume', 'pause', 'dismiss', 'replay', 'safe-start'])
      expect(actions).toContain(action)
    expect(seen.operations.every(({ by, reason }) => by.includes('@') && reason !== '')).toBe(true)
    expect(seen.queues.some(({ paused }) => paused)).toBe(false)
    expect([seen.stopped, ...seen.gates.map(({ stopped }) => stopped)].filter((stop) => stop !== undefined)).toEqual([])
  })
})
