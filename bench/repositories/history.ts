import { Random } from './random.ts'

const LINES = 60
const FILES_A_FOLDER = 20
const FIRST_SECOND = 1_704_067_200

export interface HistorySize {
  readonly commits: number
  readonly files: number
  /** Besides main. */
  readonly branches: number
}

/** Path → lines. A branch gets its own list of lines when it first changes the file. */
type Files = Map<string, readonly string[]>

/** Writes a made-up history in the language of git-fast-import(1): main, branches that fork from it and are sometimes merged, tags. */
export class History {
  readonly #size: HistorySize
  readonly #random: Random
  readonly #branches = new Map<string, Files>()
  #commits = 0

  constructor(size: HistorySize, seed: number) {
    this.#size = size
    this.#random = new Random(seed)
  }

  /** Everything but the increment. Commit n has the mark n, from 1 on. */
  *base(): Generator<string> {
    const { commits, branches } = this.#size
    yield this.#first()
    const pace = Math.max(1, Math.floor(commits / (2 * (branches + 1))))
    while (this.#commits < commits) {
      const forks = this.#branches.size - 1
      if (forks < branches && this.#commits >= pace * (forks + 1)) yield this.#fork(`topic/${String(forks).padStart(2, '0')}`)
      else if (this.#commits % 97 === 0) yield this.#commit('main', this.#anyTopic())
      else yield this.#commit(this.#random.below(10) < 6 ? 'main' : (this.#anyTopic() ?? 'main'))
      if (this.#commits % 500 === 0) yield this.#tag()
    }
  }

  /** Adds `commits` commits in total to `branches` branches, main first. */
  *increment(branches: number, commits: number): Generator<string> {
    const names = [...this.#branches.keys()].slice(0, branches)
    for (let i = 0; i < commits; i++) {
      const name = names[i % names.length] ?? 'main'
      yield this.#commit(name, null, i < names.length ? `refs/heads/${name}^0` : null)
    }
  }

  #first(): string {
    const names = Array.from({ length: this.#size.files }, (_, i) => {
      const folder = String(Math.floor(i / FILES_A_FOLDER)).padStart(3, '0')
      return `src/part-${folder}/file-${String(i).padStart(4, '0')}.txt`
    })
    const files: Files = new Map(names.map(name => [name, Array.from({ length: LINES }, () => this.#random.line())]))
    this.#branches.set('main', files)
    return this.#write('main', [...files.keys()], '')
  }

  #fork(name: string): string {
    this.#branches.set(name, new Map(this.#branches.get('main')))
    return this.#commit(name, null, 'refs/heads/main')
  }

  #commit(name: string, merged: string | null = null, from: string | null = null): string {
    const files = this.#branches.get(name)
    if (files === undefined) throw new Error(`no branch "${name}"`)
    const paths = [...files.keys()]
    const changed = new Set([0, 1].map(() => paths[this.#random.below(paths.length)] ?? ''))
    for (const path of changed) {
      const lines = [...(files.get(path) ?? [])]
      lines[this.#random.below(LINES)] = this.#random.line()
      files.set(path, lines)
    }
    const parents = `${from === null ? '' : `from ${from}\n`}${merged === null ? '' : `merge refs/heads/${merged}\n`}`
    return this.#write(name, [...changed], parents)
  }

  #write(name: string, paths: readonly string[], parents: string): string {
    this.#commits += 1
    const files = this.#branches.get(name)
    const message = `commit ${this.#commits} on ${name}\n`
    const head = `commit refs/heads/${name}\nmark :${this.#commits}\ncommitter ${this.#who()}\n${data(message)}${parents}`
    return head + paths.map(path => `M 100644 inline ${path}\n${data((files?.get(path) ?? []).join(''))}`).join('')
  }

  #tag(): string {
    return `tag v${this.#commits}\nfrom :${this.#commits}\ntagger ${this.#who()}\n${data(`version ${this.#commits}\n`)}`
  }

  #who = (): string => `Ada Example <ada@example.org> ${FIRST_SECOND + 60 * this.#commits} +0000`

  #anyTopic(): string | null {
    const topics = [...this.#branches.keys()].slice(1)
    return topics[this.#random.below(topics.length)] ?? null
  }
}

// All text is ASCII, so that its length is its size.
const data = (text: string): string => `data ${text.length}\n${text}\n`
