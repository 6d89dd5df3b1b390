import { setTimeout } from 'node:timers/promises'
import { failsStep } from '../../src/report/exit.ts'
import { standingOutputs } from '../../src/report/outputs.ts'
import type { Report } from '../../src/report/report.ts'
import { type Memory, memoryIn, type Store } from '../../src/schedule/memory.ts'
import { mirrorOnSchedule } from '../../src/schedule/schedule.ts'
import { settled } from '../../src/schedule/scheduled-runs.ts'
import { mirrorId } from '../../src/schedule/state.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { hostWith, runMirror } from './mirror.ts'
import { type ContextChanges, settingsFrom } from './settings.ts'

/** A store in memory that takes its time on the clock of the test alone, which goes on only during a wait. */
export class SlowStore implements Store {
  readonly names: string[] = []
  /** The questions to it, and how long each wait would have been. */
  readonly asked: (string | number)[] = []
  findMs = 0
  keepMs = 0
  /** The answer that it gives instead; null = it works. */
  problem: string | null = null
  readonly #clock: Clock
  #pending: { readonly until: number; readonly answer: () => void }[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async find(prefix: string) {
    await this.#take('find', this.findMs)
    return this.problem === null ? { name: this.names.findLast(name => name.startsWith(prefix)) ?? null } : { problem: this.problem }
  }

  async keep(name: string) {
    await this.#take('keep', this.keepMs)
    if (this.problem === null) this.names.push(name)
    return this.problem
  }

  async ready(): Promise<void> {}

  async within<T extends object>(answer: Promise<T>, limitMs: number): Promise<T | null> {
    this.asked.push(limitMs)
    const end = this.#clock.time + limitMs
    let result: T | null = null
    void answer.then(value => {
      result = value
    })
    for (;;) {
      await setTimeout(0)
      if (result !== null) return result
      const [next, ...later] = this.#pending.toSorted((one, other) => one.until - other.until)
      this.#clock.time = Math.max(this.#clock.time, Math.min(next?.until ?? end, end))
      if (next === undefined || next.until > end) return null
      this.#pending = later
      next.answer()
    }
  }

  async close() {}

  #take(what: 'find' | 'keep', ms: number): Promise<void> {
    this.asked.push(what)
    return new Promise(answer => void this.#pending.push({ until: this.#clock.time + ms, answer }))
  }
}

/** A clock that stands still. */
export interface Clock {
  /** Milliseconds since 1970. */
  time: number
}

export interface OnSchedule {
  readonly report: Report
  readonly outputs: Readonly<Record<string, string>>
  /** The mirror was made, or at least begun. */
  readonly began: boolean
  readonly failed: boolean
  readonly outcomes: Readonly<Record<string, string>>
}

interface ScheduleOptions {
  readonly store: Store
  readonly clock: Clock
  readonly context?: ContextChanges
  /** Instead of a mirror. */
  readonly work?: () => Promise<Report>
}

/** Runs one mirror as a schedule starts it, in this process. */
export async function mirrorScheduled(inputs: RawInputs, options: ScheduleOptions): Promise<OnSchedule> {
  const { begin } = scheduled(inputs, options, memoryOf(options))
  return await (await begin()).end()
}

/** Runs several mirrors, one after the other, as one step does. */
export async function mirrorsScheduled(mirrors: readonly RawInputs[], options: ScheduleOptions): Promise<OnSchedule[]> {
  const memory = memoryOf(options)
  const all = mirrors.map(inputs => scheduled(inputs, options, memory))
  for (const { id } of all) memory.expect(id)
  const begun = []
  for (const { begin } of all) begun.push(await begin())
  return await Promise.all(begun.map(({ end }) => end()))
}

const memoryOf = ({ store, clock }: ScheduleOptions): Memory => memoryIn(store, () => new Date(clock.time))

function scheduled(inputs: RawInputs, { clock, context = {}, work }: ScheduleOptions, memory: Memory) {
  const settings = settingsFrom({ retries: '0', ...inputs }, context)
  let began = false
  let outcomes = {}
  const host = hostWith(() => {})
  const begin = async () => {
    const mirrored = await mirrorOnSchedule(settings, host, {
      ...{ memory, environment: {}, now: () => new Date(clock.time) },
      run: { id: '7', attempt: '1', url: 'https://forge.example/o/r/actions/runs/7' },
      work: async beforeChanges => {
        began = true
        if (work !== undefined) return await work()
        const result = await runMirror(inputs, { context, beforeChanges })
        outcomes = result.outcomes
        return result
      },
    })
    const end = async (): Promise<OnSchedule> => {
      const report = await settled(mirrored)
      return { report, outputs: standingOutputs(report), began, failed: failsStep(report, settings.failOn), outcomes }
    }
    return { end }
  }
  return { id: mirrorId(settings), begin }
}
