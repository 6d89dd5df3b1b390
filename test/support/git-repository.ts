import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Finished, run } from './child-process.ts'
import { readRefs } from './refs-of-files.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const FIRST_SECOND = 1_704_067_200
const IDENTITY = { name: 'Ada Example', email: 'ada@example.org' }
const CONFIG: readonly (readonly [string, string])[] = [
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['init.defaultBranch', 'main'],
  ['core.autocrlf', 'false'],
  ['safe.directory', '*'],
]
let minutes = 0

/** Git's date for the next commit: a minute after the one before, the same in every run of a test file. */
function nextDate(): string {
  minutes += 1
  return `${FIRST_SECOND + 60 * minutes} +0000`
}

/** An environment in which git sees nothing of the user or the machine but PATH. */
export function gitEnvironment(): Record<string, string> {
  const date = nextDate()
  const { PATH = '', SystemRoot, TEMP, TMP } = process.env
  const windows = Object.entries({ SystemRoot, TEMP, TMP }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return {
    ...Object.fromEntries(windows),
    PATH: [PATH, '/usr/sbin', '/sbin'].join(delimiter),
    HOME: '/nonexistent',
    XDG_CONFIG_HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    // Files of tests need not survive a power cut.
    GIT_TEST_FSYNC: '0',
    GIT_AUTHOR_NAME: IDENTITY.name,
    GIT_AUTHOR_EMAIL: IDENTITY.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: IDENTITY.name,
    GIT_COMMITTER_EMAIL: IDENTITY.email,
    GIT_COMMITTER_DATE: date,
    GIT_CONFIG_COUNT: String(CONFIG.length),
    ...Object.fromEntries(
      CONFIG.flatMap(([key, value], i) => [
        [`GIT_CONFIG_KEY_${i}`, key],
        [`GIT_CONFIG_VALUE_${i}`, value],
      ]),
    ),
  }
}

interface GitOptions {
  readonly input?: string | Buffer
  /** Added to `gitEnvironment()`. */
  readonly env?: Readonly<Record<string, string>>
  /** Give back a failure instead of throwing it. */
  readonly allowFailure?: boolean
}

/** Runs git in a directory. `stdout` comes without its last line break. Throws with git's words where it fails. */
export async function git(directory: string, args: readonly string[], options: GitOptions = {}): Promise<Finished> {
  const { input = '', env = {}, allowFailure = false } = options
  const finished = await run('git', args, { cwd: directory, env: { ...gitEnvironment(), ...env }, input })
  if (finished.code !== 0 && !allowFailure) {
    throw new Error(`git ${args.join(' ')} ended with ${finished.code}\n${finished.stdout}${finished.stderr}`)
  }
  return { ...finished, stdout: finished.stdout.replace(/\n$/, '') }
}

interface InitOptions {
  readonly objectFormat?: 'sha1' | 'sha256'
  readonly defaultBranch?: string
  readonly config?: Readonly<Record<string, string>>
}

const templates = new Map<string, Promise<string>>()

/** Copies an empty repository of the same kind, made once for a file of tests: starting git costs more than the copy. */
async function init(directory: string, flags: readonly string[], options: InitOptions): Promise<string> {
  const kind = JSON.stringify([flags, options])
  const template = templates.get(kind) ?? initTemplate(join(temporaryDirectory(), 'template'), flags, options)
  templates.set(kind, template)
  cpSync(await template, directory, { recursive: true })
  return directory
}

async function initTemplate(directory: string, flags: readonly string[], options: InitOptions): Promise<string> {
  const { objectFormat = 'sha1', defaultBranch = 'main' } = options
  mkdirSync(directory, { recursive: true })
  await git(directory, ['init', '-q', '--template=', '-b', defaultBranch, `--object-format=${objectFormat}`, ...flags])
  // A server started by git does not inherit the settings of `gitEnvironment()`.
  const file = join(directory, flags.includes('--bare') ? '' : '.git', 'config')
  appendFileSync(file, '[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[receive]\n\tautogc = false\n')
  for (const [key, value] of Object.entries(options.config ?? {})) await git(directory, ['config', key, value])
  return directory
}

/** Makes an empty bare repository, parents included, without hooks; gives its directory back. */
export function createBare(directory: string = join(temporaryDirectory(), 'repository.git'), options: InitOptions = {}): Promise<string> {
  return init(directory, ['--bare'], options)
}

/** Puts all of one bare repository's objects and refs into another one, without git. */
export function copyInto(directory: string, from: string): void {
  for (const part of ['objects', 'refs', 'packed-refs']) {
    if (existsSync(join(from, part))) cpSync(join(from, part), join(directory, part), { recursive: true })
  }
}

/** Makes an empty repository with a work tree in a temporary directory; gives its directory. */
export function createScratch(options: InitOptions = {}): Promise<string> {
  return init(temporaryDirectory(), [], options)
}

/** The hooks of git, and those of the tests' `git-lfs-transfer`. */
export type Hook = 'pre-receive' | 'update' | 'post-receive' | 'lfs-upload' | 'lfs-download'

/** Puts a hook, a POSIX shell script without its first line, into a bare repository. One that is there may be running, so a new file replaces it. */
export function installHook(bare: string, name: Hook, script: string): void {
  mkdirSync(join(bare, 'hooks'), { recursive: true })
  const file = join(bare, 'hooks', name)
  writeFileSync(`${file}.new`, `#!/bin/sh\n${script}\n`)
  chmodSync(`${file}.new`, 0o755)
  renameSync(`${file}.new`, file)
}

export interface NewCommit {
  /** Short name; created, moved or rewritten. */
  readonly branch: string
  /** Path → content, or null to remove it. The rest comes from the first parent. */
  readonly files?: Readonly<Record<string, string | null>>
  readonly message?: string
  /** Oids, or numbers: positions in the list of `commitAll`. Left out: the branch's tip, if any. Empty: a commit without a parent. */
  readonly parents?: readonly (string | number)[]
}

/** Adds one commit; gives its oid. No work tree is touched. */
export async function commit(directory: string, branch: string, details: Omit<NewCommit, 'branch'> = {}): Promise<string> {
  const [oid] = await commitAll(directory, [{ ...details, branch }])
  if (oid === undefined) throw new Error('git fast-import gave no oid')
  return oid
}

/** Adds many commits in one go, in this order; gives their oids. */
export async function commitAll(directory: string, commits: readonly NewCommit[]): Promise<string[]> {
  const tips = new Map<string, string>()
  if (commits.some(one => one.parents === undefined)) {
    for (const [name, oid] of await refsOf(directory)) tips.set(name, oid)
  }
  const stream = commits.map((one, i) => {
    const ref = `refs/heads/${one.branch}`
    const tip = tips.get(ref)
    const parents = one.parents?.map(parent => (typeof parent === 'number' ? `:${parent + 1}` : parent)) ?? (tip === undefined ? [] : [tip])
    tips.set(ref, `:${i + 1}`)
    return fastImportCommit(ref, i + 1, parents, one)
  })
  const marks = commits.map((_, i) => `get-mark :${i + 1}\n`)
  const args = ['-c', 'fastimport.unpackLimit=1000', 'fast-import', '--quiet', '--force', '--date-format=raw']
  const { stdout } = await git(directory, args, { input: [...stream, ...marks].join('') })
  return stdout.split('\n').filter(line => line !== '')
}

// The language of git-fast-import(1). Without a first `reset` a branch that exists would lend its files to a commit without a parent.
function fastImportCommit(ref: string, mark: number, parents: readonly string[], one: NewCommit): string {
  const [first, ...others] = parents
  const files = Object.entries(one.files ?? {}).map(([path, content]) =>
    content === null ? `D ${JSON.stringify(path)}\n` : `M 100644 inline ${JSON.stringify(path)}\n${data(content)}`,
  )
  return [
    ...(first === undefined ? [`reset ${ref}\n\n`] : []),
    `commit ${ref}\nmark :${mark}\ncommitter ${IDENTITY.name} <${IDENTITY.email}> ${nextDate()}\n`,
    data(one.message ?? `commit ${minutes}\n`),
    ...(first === undefined ? [] : [`from ${first}\n`]),
    ...others.map(parent => `merge ${parent}\n`),
    ...files,
    '\n',
  ].join('')
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`
}

/** Adds a blob that no commit has; gives its oid. */
export async function writeBlob(directory: string, input: string | Buffer): Promise<string> {
  return (await git(directory, ['hash-object', '-w', '--stdin'], { input })).stdout
}

/** Moves a branch to one commit without a parent whose root has just these entries; gives its oid. */
export async function commitEntries(
  directory: string,
  branch: string,
  entries: Readonly<Record<string, readonly [mode: string, oid: string]>>,
): Promise<string> {
  const types: Readonly<Record<string, string>> = { '040000': 'tree', '160000': 'commit' }
  const input = Object.entries(entries).map(([name, [mode, oid]]) => `${mode} ${types[mode] ?? 'blob'} ${oid}\t${name}\n`)
  const tree = (await git(directory, ['mktree', '--missing'], { input: input.join('') })).stdout
  const { stdout } = await git(directory, ['commit-tree', '-m', 'entries', tree])
  await git(directory, ['update-ref', `refs/heads/${branch}`, stdout])
  return stdout
}

/** Branches and tags, full name → oid (of the tag object where there is one), sorted by name. */
export async function refsOf(directory: string): Promise<Map<string, string>> {
  return new Map([...readRefs(directory)].filter(([name]) => /^refs\/(?:heads|tags)\//.test(name)))
}

/** Throws what git finds wrong with a repository. Dangling objects and an unborn HEAD are not wrong. */
export async function fsck(directory: string): Promise<void> {
  // No test has these files in a repository that is checked, and git starts a program for each to find that out.
  const without = ['-c', 'core.commitGraph=false', '-c', 'core.multiPackIndex=false']
  const args = [...without, 'fsck', '--full', '--strict', '--no-dangling', '--no-progress']
  const { code, stdout, stderr } = await git(directory, args, { allowFailure: true })
  const findings = `${stdout}\n${stderr}`.split('\n').filter(line => line !== '' && !line.startsWith('notice: '))
  if (code !== 0 || findings.length > 0) throw new Error(`git fsck of "${directory}" ended with ${code}\n${findings.join('\n')}`)
}

/** One line for each ref that is not the same on both sides: `refs/heads/main: <oid>|absent, <oid>|absent`. */
export function compareRefs(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...left.keys(), ...right.keys()])].sort()
  const differing = names.filter(name => left.get(name) !== right.get(name))
  return differing.map(name => `${name}: ${left.get(name) ?? 'absent'}, ${right.get(name) ?? 'absent'}`)
}
