import { setTimeout } from 'node:timers/promises'
import { failsStep } from '../../src/report/exit.ts'
import type { Report } from '../../src/report/outcome.ts'
import { mirrorOnSchedule, type Scheduled } from '../../src/schedule.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { parseSettings } from '../../src/settings/parse.ts'
import type { SettingsContext } from '../../src/settings/remotes.ts'
import type { Store } from '../../src/state/store.ts'
import { hostWith, runMirror } from './mirror.ts'

/** A store in memory that takes its time on the clock of the test alone, and keeps to the limits that it is given. */
export class SlowStore implements Store {
  readonly names: string[] = []
  /** Everything asked of it, with the limit. */
  readonly asked: { readonly what: 'find' | 'keep'; readonly limitMs: number }[] = []
  findMs = 0
  keepMs = 0
  /** What it answers instead; null = it works. */
  problem: string | null = null
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async find(prefix: string, limitMs: number) {
    const problem = await this.#take('find', this.findMs, limitMs)
    return problem === null ? { name: this.names.findLast(name => name.startsWith(prefix)) ?? null } : { problem }
  }

  async keep(name: string, _: string, limitMs: number) {
    const problem = await this.#take('keep', this.keepMs, limitMs)
    if (problem === null) this.names.push(name)
    return problem
  }

  async close() {}

  async #take(what: 'find' | 'keep', ms: number, limitMs: number): Promise<string | null> {
    this.asked.push({ what, limitMs })
    await setTimeout(0)
    this.#clock.time += Math.min(ms, limitMs)
    return ms >= limitMs ? 'too late' : this.problem
  }
}

/** A clock that stands still. */
export interface Clock {
  /** Milliseconds since 1970. */
  time: number
}

export interface OnSchedule extends Scheduled {
  /** The mirror was made, or at least begun. */
  readonly began: boolean
  readonly failed: boolean
  readonly outcomes: Readonly<Record<string, string>>
}

interface ScheduleOptions {
  readonly store: Store
  readonly clock: Clock
  readonly context?: Partial<SettingsContext>
  /** Instead of a mirror. */
  readonly work?: () => Promise<Report>
}

/** Runs one mirror as a schedule starts it, in this process. */
export async function mirrorScheduled(inputs: RawInputs, { store, clock, context = {}, work }: ScheduleOptions): Promise<OnSchedule> {
  const whole: SettingsContext = {
    ...{ serverUrl: null, nameOf: input => input, resolvePath: path => path, windows: false, isTokenOfRun: () => false },
    ...context,
  }
  const settings = parseSettings({ retries: '0', ...inputs }, whole)
  let began = false
  let outcomes = {}
  const fails = (report: Report) => failsStep(report, settings.failOn)
  const scheduled = await mirrorOnSchedule(
    settings,
    hostWith(() => {}),
    {
      ...{ store, fails, environment: {}, now: () => new Date(clock.time) },
      run: { id: '7', attempt: '1', url: 'https://forge.example/o/r/actions/runs/7' },
      work: async hold => {
        began = true
        if (work !== undefined) return await work()
        const mirrored = await runMirror(inputs, { context, hold })
        outcomes = mirrored.outcomes
        return mirrored
      },
    },
  )
  return { ...scheduled, began, failed: fails(scheduled.report), outcomes }
}
