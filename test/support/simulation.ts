import { baseId } from '../../src/plan/base.ts'
import { parseBaseName } from '../../src/refs/mirroring-ref.ts'
import { isTag, type Oid, type RefName } from '../../src/refs/ref.ts'
import { otherSide, type Side } from '../../src/remote/side.ts'
import { type Attempt, type AttemptContext, attemptOver, type RunMemory } from '../../src/run/attempt.ts'
import { noDamage } from '../../src/run/damage.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { Forger } from './forger.ts'
import { type Commits, History, MemoryRepository, memoryTransfer, type World } from './memory-repository.ts'
import { settingsFrom } from './settings.ts'

export interface Simulation {
  readonly keepDivergent: boolean
  readonly prune: 'all' | 'merged'
  /** A person who can write the bases here forges, copies and restores them. */
  readonly forger: boolean
  readonly seed: number
}

export interface Simulated {
  readonly runs: number
  readonly kills: number
  readonly forgeries: number
  readonly problems: readonly string[]
}

const NAMES = ['heads/main', 'heads/a', 'heads/b', 'heads/c', 'heads/c/d', 'tags/v1', 'tags/v2'].map(name => `refs/${name}` as RefName)
const SIDES = ['here', 'there'] as const
/** The sides to which writers push. */
const WRITERS: readonly (readonly Side[])[] = [['here'], ['there'], SIDES]
/** Left alone by rule, however often the run comes by. */
const SETTLED_CODES: ReadonlySet<string | null> = new Set(['diverged', 'default-branch', 'not-merged'])

/** One history: what writers and runs do in turns and at the same time, and what must hold all along. */
export async function simulate(rules: Simulation): Promise<Simulated> {
  const simulation = new TwoSidesInMemory(rules)
  await simulation.live()
  await simulation.settle()
  return simulation
}

class TwoSidesInMemory implements Simulated {
  runs = 0
  kills = 0
  readonly problems: string[] = []
  readonly #history = new History()
  readonly #sides = { here: new MemoryRepository(), there: new MemoryRepository() }
  /** Refs as `#look` last saw them: it looks at every pause, and most are as they were. */
  readonly #looked = { here: new Map<RefName, Oid>(), there: new Map<RefName, Oid>() }
  /** How often the refs of a side had changed when it was last checked. */
  readonly #checked = { here: -1, there: -1 }
  /** The answer of `#reachable`, and how often refs had changed then. */
  readonly #found = { here: { changes: -1, commits: 0n }, there: { changes: -1, commits: 0n } }
  readonly #tips = { here: 0n, there: 0n }
  /** `refs/heads/main 00…`: what a ref of a side ever was. */
  readonly #seen = { here: new Set<string>(), there: new Set<string>() }
  /** Commits that a side no longer has, and need not have. */
  readonly #gone = { here: 0n, there: 0n }
  /** When a writer took a ref of a side away from commits. */
  readonly #taken = { here: new Map<number, Commits>(), there: new Map<number, Commits>() }
  #time = 0
  #overlap = false
  readonly #forger: Forger
  readonly #forges: boolean
  readonly #settings: Settings
  readonly #id: string
  readonly #random: () => number
  #seconds = 0

  constructor(rules: Simulation) {
    this.#forges = rules.forger
    // A bare seed would draw much the same first number as its neighbours.
    this.#random = randomFrom(Math.imul(rules.seed, 2_654_435_761))
    this.#settings = settingsFor(rules)
    this.#id = baseId(this.#settings.there)
    this.#forger = new Forger(this.#sides, NAMES, this.#id)
    const root = this.#history.commit([])
    this.#sides.here.refs.set(NAMES[0] as RefName, root)
    // The other side starts empty, or with the same.
    if (this.#chance(0.5)) this.#sides.there.refs.set(NAMES[0] as RefName, root)
    for (const side of SIDES) this.#look(side)
  }

  get forgeries(): number {
    return this.#forger.forgeries
  }

  async live(): Promise<void> {
    for (let turn = 0; turn < 12; turn++) {
      for (let writes = this.#pick([0, 1, 1, 2, 4]); writes > 0; writes--) this.#write()
      if (this.#forges) for (let times = this.#pick([0, 1, 3]); times > 0; times--) this.#forger.forge(items => this.#pick(items))
      this.#overlap = this.#chance(0.2)
      const runs = this.#overlap ? [this.#run({ quiet: false }), this.#run({ quiet: false })] : [this.#run({ quiet: false })]
      await Promise.all(runs)
      this.#overlap = false
      this.#forger.remember()
    }
  }

  /** Runs without writers and failures: both sides become equal, except for refs that have to be settled by hand. */
  async settle(): Promise<void> {
    let last: Attempt | null = null
    for (let run = 0; run < 4; run++) last = await this.#run({ quiet: true })
    if (last === null || last.failure !== null) return void this.problems.push(`does not settle: ${last?.failure?.message ?? 'killed'}`)
    const { here, there } = this.#sides
    for (const { ref, outcome, code, reason } of last.refs) {
      const isEqual = here.refs.get(ref as RefName) === there.refs.get(ref as RefName)
      const clash = here.refs.clashWith(ref as RefName) || there.refs.clashWith(ref as RefName)
      const isSettled = outcome === 'up-to-date' ? isEqual : outcome === 'kept' ? SETTLED_CODES.has(code) : outcome === 'rejected' && clash
      if (!isSettled) this.problems.push(`${ref} does not settle: ${outcome} ${code} (${reason})`)
      if (code === 'diverged' && !this.#settings.keepDivergent) this.problems.push(`${ref} stays apart`)
    }
    for (const [name, oid] of here.refs) {
      const ref = parseBaseName(name, this.#id)
      if (ref === null) continue
      const isRight = here.refs.get(ref) === there.refs.get(ref) ? here.refs.get(ref) === oid : true
      if (!isRight) this.problems.push(`the base of ${ref} is wrong in the end`)
    }
  }

  async #run({ quiet }: { readonly quiet: boolean }): Promise<Attempt | null> {
    this.runs++
    const memory: RunMemory = { here: null, there: null, damage: noDamage() }
    let left = quiet ? Number.POSITIVE_INFINITY : this.#pick([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99, 99, 99])
    let kill = () => {}
    const killed = new Promise<null>(resolve => {
      kill = () => resolve(null)
    })
    const loses = quiet ? 0 : this.#pick([0, 0, 0.3])
    const refused = quiet ? '' : this.#pick(['', '', '', '', ...NAMES, 'refs/mirroring/backup', 'refs/mirroring/base'])
    const unknown = quiet ? 0 : this.#pick([0, 0, 0, 0.5])
    const readAt = { value: 0 }
    const world: World = {
      history: this.#history,
      isUnknown: () => this.#chance(unknown),
      losesAnswer: () => this.#chance(loses),
      refuses: ({ ref }) => refused !== '' && ref.startsWith(refused),
      pause: async () => {
        this.#check(readAt.value)
        if (--left === 0) {
          this.kills++
          kill()
          await new Promise(() => {})
        }
        if (!quiet && this.#chance(0.3)) this.#write()
        if (!quiet && this.#forges && this.#chance(0.1)) this.#forger.forge(items => this.#pick(items))
        for (let turns = this.#pick([0, 1, 5]); turns > 0; turns--) await null
      },
    }
    let last: Attempt | null = null
    for (let attempt = 0; attempt < 3; attempt++) {
      readAt.value = this.#time
      last = await Promise.race([this.#attempt(world, memory), killed])
      if (last === null || !last.refs.some(({ outcome }) => outcome === 'raced')) break
    }
    this.#check(readAt.value)
    return last
  }

  async #attempt(world: World, memory: RunMemory): Promise<Attempt> {
    const moves: string[] = []
    const { here, there } = this.#sides
    await world.pause()
    const read = { here: here.advertise(), there: there.advertise() }
    const same = NAMES.filter(ref => read.here.refs.get(ref) === read.there.refs.get(ref))
    for (const ref of same) this.#forger.mayAgree(ref, read.here.refs.get(ref) ?? null)
    await world.pause()
    const transfer = (source: Side) => {
      const side = otherSide(source)
      const way = memoryTransfer(this.#sides[side], world)
      return {
        ...way,
        apply: async (changes: Parameters<typeof way.apply>[0]) => {
          const outcomes = await way.apply(changes)
          for (const { ref, before, after } of changes) {
            const outcome = outcomes.get(ref)?.outcome ?? ''
            if (outcome === 'deleted' && !this.#seen[source].has(`${ref} ${before}`))
              this.problems.push(`${ref} is deleted ${side}, as nobody ever had it ${source}`)
            const isRollback = outcome === 'forced' && !isTag(ref) && this.#history.contains(after ?? NOTHING, before ?? NOTHING)
            if ((outcome === 'deleted' || isRollback) && !this.#forger.mayBelieve(ref, before))
              this.problems.push(`${ref} is ${outcome} ${side} because of a base that is none`)
            if (CHANGED.has(outcome)) this.#forger.mayAgree(ref, after)
            if (CHANGED.has(outcome)) moves.push(`${side} ${ref} ${before} ${after} ${outcome}`)
          }
          return outcomes
        },
        applyMirroringRefs: async (changes: Parameters<typeof way.apply>[0]) => {
          this.#forger.written(changes)
          return await way.applyMirroringRefs(changes)
        },
      }
    }
    const rest = { transfer, tagsBeyond: async () => [], readAgain: async (side: Side) => read[side], close: () => {} }
    const attempt = await attemptOver({ ...read, ...rest }, this.#context(memory), false)
    if (attempt === null) throw new Error('nothing was to be put back')
    const told = attempt.refs.flatMap(({ side, ref, before, after, outcome }) =>
      CHANGED.has(outcome) ? [`${side} ${ref} ${before} ${after} ${outcome}`] : [],
    )
    if (attempt.failure === null && !this.#overlap) {
      for (const ref of same) this.#forger.agree(ref, read.here.refs.get(ref) ?? null)
      for (const { ref, after, outcome } of attempt.refs) if (CHANGED.has(outcome)) this.#forger.agree(ref as RefName, after as Oid | null)
    }
    if (told.sort().join() !== moves.sort().join()) this.problems.push(`moved [${moves.join(', ')}], told [${told.join(', ')}]`)
    return attempt
  }

  #context(memory: RunMemory): AttemptContext {
    const settings = this.#settings
    // Each run is a second of its own: backups are named by it.
    this.#seconds++
    const now = new Date(Date.UTC(2026, 0, 1) + this.#seconds * 1000)
    return {
      settings,
      memory,
      runtime: { env: {}, program: [], now: () => now },
      selection: Promise.resolve({ selection: settings.selection, notices: [] }),
      host: { debug: () => {}, info: () => {} },
    } as unknown as AttemptContext
  }

  #write(): void {
    const side = this.#pick(this.#pick(WRITERS))
    const { refs, head } = this.#sides[side]
    const before = this.#reachable(side)
    const ref = this.#pick(NAMES)
    const tip = refs.get(ref)
    // A writer without commits to build on clones the other side.
    const [some] = [side, otherSide(side)].flatMap(each => this.#anyTip(each))
    if (some === undefined) return
    if (tip === undefined) {
      if (!refs.clashWith(ref)) refs.set(ref, this.#chance(0.5) || isTag(ref) ? some : this.#history.commit([some]))
    } else {
      const [parent] = this.#history.parentsOf(tip)
      const foreign = this.#sides[otherSide(side)].refs.get(ref)
      const act = this.#pick(['commit', 'commit', 'commit', 'merge', 'settle', 'settle', 'rewrite', 'rewind', 'delete', 'delete', 'head'])
      if (act === 'commit') refs.set(ref, isTag(ref) ? some : this.#history.commit([tip]))
      if (act === 'merge') refs.set(ref, isTag(ref) ? tip : this.#history.commit([tip, some]))
      if (act === 'settle' && foreign !== undefined) refs.set(ref, isTag(ref) ? foreign : this.#history.commit([tip, foreign]))
      if (act === 'rewrite' && parent !== undefined) refs.set(ref, this.#history.commit([parent]))
      if (act === 'rewind' && parent !== undefined) refs.set(ref, parent)
      if (act === 'delete' && ref !== head) refs.delete(ref)
      if (act === 'head' && !isTag(ref)) this.#sides[side].head = ref
    }
    const after = this.#reachable(side)
    this.#gone[side] |= before & ~after
    const [had, has] = [tip, refs.get(ref)].map(oid => this.#history.reachable(oid === undefined ? [] : [oid])) as [Commits, Commits]
    this.#taken[side].set(this.#time, had & ~has)
    this.#time++
    this.#look(side)
  }

  /**
   * Nothing that was ever the tip of a ref is lost, unless a writer of that side took it away. That is the last ref that had it, or any of them
   * since the run read the refs.
   * @param readAt when the run that goes on now read them
   */
  #check(readAt: number): void {
    for (const side of SIDES) {
      const { changes } = this.#sides[side].refs
      if (this.#checked[side] === changes) continue
      this.#checked[side] = changes
      const reachable = this.#reachable(side)
      const missing = this.#tips[side] & ~reachable & ~this.#gone[side]
      this.#gone[side] = (this.#gone[side] & ~reachable) | missing
      let lost = missing
      if (missing !== 0n) for (const [time, commits] of this.#taken[side]) if (time >= readAt) lost &= ~commits
      for (const oid of this.#history.oidsOf(lost)) this.problems.push(`${oid.slice(-3)} is lost ${side}`)
      this.#look(side)
    }
  }

  #look(side: Side): void {
    const looked = this.#looked[side]
    for (const [name, oid] of this.#sides[side].refs) {
      if (looked.get(name) === oid) continue
      looked.set(name, oid)
      const ref = parseBaseName(name, this.#id)
      const haveAgreed = ref === null || this.#forger.isForged(name, oid) || SIDES.every(each => this.#seen[each].has(`${ref} ${oid}`))
      if (!haveAgreed) this.problems.push(`the base of ${ref} is what the sides never agreed on`)
      if (name.startsWith('refs/mirroring/')) continue
      this.#tips[side] |= this.#history.bitOf(oid)
      this.#seen[side].add(`${name} ${oid}`)
    }
  }

  #reachable(side: Side): Commits {
    const { refs } = this.#sides[side]
    if (this.#found[side].changes !== refs.changes) {
      const kept = [...refs].filter(([ref]) => !ref.startsWith('refs/mirroring/') || ref.startsWith('refs/mirroring/backup/'))
      this.#found[side] = { changes: refs.changes, commits: this.#history.reachable(kept.map(([, oid]) => oid)) }
    }
    return this.#found[side].commits
  }

  #anyTip(side: Side): Oid[] {
    const tips = [...this.#sides[side].refs].filter(([name]) => !name.startsWith('refs/mirroring/')).map(([, oid]) => oid)
    return tips.length === 0 ? [] : [this.#pick(tips)]
  }

  #chance(of: number): boolean {
    return this.#random() < of
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T
  }
}

/** A commit that no side has. */
const NOTHING = '' as Oid

const CHANGED: ReadonlySet<string> = new Set(['created', 'updated', 'forced', 'deleted'])

/** The same numbers from 0 to 1 for the same seed: a linear congruential generator with the constants of Numerical Recipes. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Settings as they were read for the first history with the same rules. */
const known = new Map<string, Settings>()

function settingsFor({ keepDivergent, prune }: Simulation): Settings {
  const rules = { 'keep-divergent': String(keepDivergent), prune }
  const settings =
    known.get(JSON.stringify(rules)) ??
    settingsFrom({ direction: 'bidirectional', 'repository-url': '/here', 'remote-url': '/there', backup: 'true', ...rules })
  known.set(JSON.stringify(rules), settings)
  return settings
}
