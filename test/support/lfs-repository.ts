import { createCipheriv, createHash } from 'node:crypto'
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GitHttp } from './git-http.ts'
import { commit, compareRefs, git, installHook, type NewCommit, refsOf } from './git-repository.ts'
import { objectFile, storedObjects } from './lfs-server.ts'
import { readRefs } from './refs-of-files.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const HOOK = fileURLToPath(new URL('lfs-hook.sh', import.meta.url))
const ATTRIBUTES = '*.bin filter=lfs diff=lfs merge=lfs -text\n'
const CHUNK = 1024 * 1024

/** How git and git-lfs get in to a server. */
export interface Login {
  /** Added to `gitEnvironment()`. */
  readonly env: Readonly<Record<string, string>>
  /** Arguments of git that come before the command. */
  readonly config: readonly string[]
}

/** The login of a server over https, given by a credential helper for this server alone. */
export function webLogin({ origin, user, token, caFile }: Pick<GitHttp, 'origin' | 'user' | 'token' | 'caFile'>): Login {
  const helper = `!f() { test "$1" = get && echo 'username=${user}' && echo 'password=${token}'; }; f`
  return { env: { GIT_SSL_CAINFO: caFile }, config: ['-c', `credential.${origin}.helper=${helper}`] }
}

/** The bytes of a file: as many as said, the same for the same seed. */
export interface LfsContent {
  readonly size: number
  readonly seed: string
}

/** The bytes of a file in pieces of a megabyte. */
function* bytesOf({ size, seed }: LfsContent): Generator<Buffer> {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16)
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16))
  const zeros = Buffer.alloc(CHUNK)
  for (let left = size; left > 0; left -= CHUNK) yield cipher.update(zeros.subarray(0, Math.min(left, CHUNK)))
}

/** Puts an LFS object into the store of a repository, bare or not, of git-lfs or of a server; gives its oid. */
export function storeObject(directory: string, content: LfsContent): string {
  const gitDirectory = existsSync(join(directory, '.git')) ? join(directory, '.git') : directory
  const incomplete = join(gitDirectory, 'lfs', 'tmp', 'incomplete')
  mkdirSync(dirname(incomplete), { recursive: true })
  const hash = createHash('sha256')
  const file = openSync(incomplete, 'w')
  for (const bytes of bytesOf(content)) {
    hash.update(bytes)
    writeSync(file, bytes)
  }
  closeSync(file)
  const oid = hash.digest('hex')
  mkdirSync(dirname(objectFile(gitDirectory, oid)), { recursive: true })
  renameSync(incomplete, objectFile(gitDirectory, oid))
  return oid
}

/** The text that git keeps in the place of an LFS object. */
export function pointer(oid: string, size: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`
}

export interface LfsCommit {
  readonly commit: string
  /** Path → oid of its LFS object. */
  readonly objects: ReadonlyMap<string, string>
}

/**
 * Adds one commit with files in LFS, and `.gitattributes` for them, and puts the objects into the repository's own store. No filter runs: thousands of
 * files take a second.
 * @param lfsFiles path, which ends in `.bin`, → number of bytes (others for each path), or the content
 * @param details further files; `.gitattributes` among them, or null, takes the place of that for `*.bin`
 */
export async function commitLfs(
  directory: string,
  branch: string,
  lfsFiles: Readonly<Record<string, number | LfsContent>>,
  details: Omit<NewCommit, 'branch'> = {},
): Promise<LfsCommit> {
  const objects = new Map<string, string>()
  const pointers: Record<string, string> = {}
  for (const [path, file] of Object.entries(lfsFiles)) {
    const content = typeof file === 'number' ? { size: file, seed: path } : file
    const oid = storeObject(directory, content)
    objects.set(path, oid)
    pointers[path] = pointer(oid, content.size)
  }
  const files = { '.gitattributes': ATTRIBUTES, ...pointers, ...details.files }
  return { commit: await commit(directory, branch, { ...details, files }), objects }
}

/** Gives a bare repository of this machine all refs and LFS objects of another one, as a mirror has them that is up to date. */
export async function copyAll(source: string, destination: string): Promise<void> {
  await git(source, ['push', '-q', '--mirror', destination])
  cpSync(join(source, 'lfs'), join(destination, 'lfs'), { recursive: true })
}

/** Pushes all branches and tags to a URL, the LFS objects of all of them before, by git-lfs and git themselves. */
export async function publish(directory: string, url: string, { env, config }: Login): Promise<void> {
  // git-lfs 3.3 crashes where it pushes two refs over ssh alone.
  for (const ref of (await refsOf(directory)).keys()) await git(directory, [...config, 'lfs', 'push', url, ref], { env })
  await git(directory, [...config, 'push', '-q', url, 'refs/heads/*:refs/heads/*', 'refs/tags/*:refs/tags/*'], { env })
}

/**
 * Clones a URL anew with LFS, by git-lfs itself, and compares all files of each branch byte by byte with those of the source.
 * Gives one line for each difference. Throws where an object cannot be had.
 * @param source a bare repository with all of its LFS objects in its own store
 */
export async function compareFiles(source: string, url: string, login: Login): Promise<string[]> {
  const directory = temporaryDirectory()
  const copy = await cloneLfs(url, join(directory, 'copy'), login)
  const [here, there] = [branchesOf(source, 'refs/heads/'), branchesOf(copy, 'refs/remotes/origin/')]
  const differences = compareRefs(here, there)
  for (const name of [...here.keys()].filter(one => there.has(one))) {
    const tries = ['-c', 'lfs.transfer.maxretries=1']
    await git(copy, [...login.config, ...tries, 'checkout', '-q', '--force', '--detach', `origin/${name}`], { env: login.env })
    const pointers = join(directory, 'pointers', name)
    mkdirSync(pointers, { recursive: true })
    const env = { GIT_WORK_TREE: pointers, GIT_INDEX_FILE: join(directory, `${name}.index`) }
    await git(source, ['checkout', '-q', '--force', name, '--', '.'], { env })
    differences.push(...compareTrees(source, pointers, copy).map(path => `${name}: ${path}`))
  }
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  return differences
}

/**
 * Compares branches with those of the source, and the LFS objects that their files name with the store of the destination, a bare repository. Gives one line
 * for each branch that differs, each object that is missing, and each stored object whose bytes are not those that its name says. If there is none, a clone
 * has the same files; git-lfs itself would start dozens of processes to show it.
 */
export async function compareObjects(source: string, destination: string, branches: readonly string[] | null = null): Promise<string[]> {
  const selected = (refs: ReadonlyMap<string, string>) =>
    new Map([...refs].filter(([name]) => (branches === null ? name.startsWith('refs/heads/') : branches.includes(name.slice(11)))))
  const [here, there] = [selected(await refsOf(source)), selected(await refsOf(destination))]
  const stored = storedObjects(destination)
  const missing = (await namedObjects(destination, [...there.keys()])).filter(oid => !stored.has(oid))
  const wrong = [...stored.keys()].filter(
    oid =>
      createHash('sha256')
        .update(readFileSync(objectFile(destination, oid)))
        .digest('hex') !== oid,
  )
  return [...compareRefs(here, there), ...missing.map(oid => `missing: ${oid}`), ...wrong.map(oid => `wrong: ${oid}`)]
}

/** The oids that stand in files of refs as they do in pointers. */
async function namedObjects(directory: string, refs: readonly string[]): Promise<string[]> {
  if (refs.length === 0) return []
  const { code, stdout, stderr } = await git(directory, ['grep', '-hoE', '^oid sha256:[0-9a-f]{64}', ...refs], { allowFailure: true })
  // It ends with 1 where it finds nothing.
  if (code !== 0 && stderr !== '') throw new Error(`git grep ended with ${code}\n${stderr}`)
  return [...new Set(stdout.split('\n').filter(line => line !== ''))].map(line => line.slice('oid sha256:'.length))
}

/** The filter as `git lfs install` sets it up, without its hooks. */
const FILTER = Object.entries({ smudge: 'git-lfs smudge -- %f', process: 'git-lfs filter-process', required: 'true' })

async function cloneLfs(url: string, directory: string, { env, config }: Login): Promise<string> {
  const filter = FILTER.flatMap(([key, value]) => ['-c', `filter.lfs.${key}=${value}`])
  await git('/', [...config, 'clone', '-q', '--no-checkout', ...filter, url, directory], { env })
  return directory
}

/** Short name → oid. */
function branchesOf(directory: string, below: string): Map<string, string> {
  const refs = [...readRefs(directory)].filter(([name]) => name.startsWith(below) && name !== `${below}HEAD`)
  return new Map(refs.map(([name, oid]) => [name.slice(below.length), oid]))
}

/** The paths of a clone whose bytes are not those of the source. @param pointers its files as git has them */
function compareTrees(source: string, pointers: string, copy: string): string[] {
  const paths = [...new Set([...filesBelow(pointers), ...filesBelow(copy)])].sort()
  return paths.filter(path => !haveSameBytes(wholeFile(source, join(pointers, path)), join(copy, path)))
}

/** The file itself, or the object of which it is a pointer. */
function wholeFile(source: string, file: string): string {
  const text = existsSync(file) && statSync(file).size < 1024 ? readFileSync(file, 'utf8') : ''
  const [, oid = '', size] = /^version .*\noid sha256:([0-9a-f]{64})\nsize (\d+)\n$/.exec(text) ?? []
  return text === pointer(oid, Number(size)) ? objectFile(source, oid) : file
}

function filesBelow(directory: string): string[] {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return paths.filter(path => path !== '.git' && !path.startsWith('.git/') && !statSync(join(directory, path)).isDirectory())
}

function haveSameBytes(left: string, right: string): boolean {
  if (!existsSync(left) || !existsSync(right)) return false
  const files = [openSync(left, 'r'), openSync(right, 'r')]
  const buffers = files.map(() => Buffer.alloc(CHUNK))
  try {
    for (;;) {
      const [a = Buffer.alloc(0), b = Buffer.alloc(0)] = files.map((file, i) => readChunk(file, buffers[i] ?? Buffer.alloc(CHUNK)))
      if (!a.equals(b)) return false
      if (a.length === 0) return true
    }
  } finally {
    for (const file of files) closeSync(file)
  }
}

// A regular file gives as much as there is.
const readChunk = (file: number, buffer: Buffer): Buffer => buffer.subarray(0, readSync(file, buffer, 0, buffer.length, null))

/** Makes a bare repository refuse, as GitLab does, what needs LFS objects that are not in its store. */
export function refuseWithoutObjects(bare: string): void {
  installHook(bare, 'pre-receive', `exec sh '${HOOK}'`)
}
