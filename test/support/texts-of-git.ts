import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commit, createBare, createScratch, git, installHook } from './git-repository.ts'
import { type StagedText, saidBy } from './staged-text.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** Two bare repositories: `there` has `main` and `dev` of `here`, which has one commit more on `main`. */
export interface Sides {
  readonly here: string
  readonly there: string
}

let template: Promise<Sides> | null = null

/** Copies of two repositories that are made once: a copy costs less than six starts of git. */
export async function createSides(): Promise<Sides> {
  template ??= makeSides()
  const { here, there } = await template
  const directory = temporaryDirectory()
  const copies = { here: join(directory, 'here.git'), there: join(directory, 'there.git') }
  cpSync(here, copies.here, { recursive: true })
  cpSync(there, copies.there, { recursive: true })
  return copies
}

async function makeSides(): Promise<Sides> {
  const here = await createBare()
  await commit(here, 'main', { files: { a: '1' } })
  await commit(here, 'dev', { files: { b: '1' } })
  const there = await createBare()
  await git(here, ['push', '-q', there, 'main', 'dev'])
  await commit(here, 'main', { files: { a: '2' } })
  return { here, there }
}

type Stage = (sides: Sides) => Promise<string>

/** Reads a repository that there is not over `git://`, through a program with this mode. */
const throughProxy =
  (mode: number): Stage =>
  ({ here }) => {
    const script = join(temporaryDirectory(), 'here-git-proxy')
    writeFileSync(script, `#!/bin/sh\nexec git daemon --inetd --base-path=${temporaryDirectory()}\n`, { mode })
    return saidBy(here, ['ls-remote', 'git://127.0.0.1/none.git'], { env: { GIT_PROXY_COMMAND: script } })
  }

/** A push of these refs, and options, to a destination with a setting. */
const pushTo =
  (setting: readonly [string, string] | null, ...args: readonly string[]): Stage =>
  async ({ here, there }) => {
    if (setting !== null) await git(there, ['config', ...setting])
    return saidBy(here, ['push', ...args.filter(arg => arg.startsWith('--')), there, ...args.filter(arg => !arg.startsWith('--'))])
  }
const push = (...args: readonly string[]): Stage => pushTo(null, ...args)

/** A push of `main` past a hook of the destination. */
const pushPast =
  (hook: 'pre-receive' | 'update', script: string, refspec = 'main'): Stage =>
  async ({ here, there }) => {
    installHook(there, hook, script)
    return saidBy(here, ['push', there, refspec])
  }

const pushBeyondLimit = pushTo(['receive.maxInputSize', '10'], 'main')

const pushIntoLock =
  (lines = /^/): Stage =>
  ({ here, there }) => {
    writeFileSync(join(there, 'refs/heads/dev.lock'), '')
    return saidBy(here, ['push', there, '+main:refs/heads/dev'], { lines })
  }

/** A tree whose mode has a leading zero: git stores it, and `receive.fsckObjects` does not. */
async function pushDamaged({ here, there }: Sides, lines = /^/): Promise<string> {
  const blob = (await git(here, ['rev-parse', 'main:a'])).stdout
  const tree = Buffer.concat([Buffer.from('0100644 a\0'), Buffer.from(blob, 'hex')])
  const oid = (await git(here, ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], { input: tree })).stdout
  const tip = (await git(here, ['commit-tree', '-m', 'x', oid])).stdout
  await git(there, ['config', 'receive.fsckObjects', 'true'])
  return saidBy(here, ['push', there, `${tip}:refs/heads/damaged`], { lines })
}

/** A destination whose work tree follows the pushes, with a change that is not committed. */
async function pushIntoDirtyTree({ here }: Sides): Promise<string> {
  const there = join(temporaryDirectory(), 'there')
  await git('/', ['clone', '-q', here, there])
  await git(here, ['update-ref', 'refs/heads/main', 'refs/heads/dev'])
  await git(there, ['config', 'receive.denyCurrentBranch', 'updateInstead'])
  writeFileSync(join(there, 'a'), 'not committed')
  return saidBy(here, ['push', there, '+main'])
}

/** The source's git sends a pack with the commit alone. */
async function fetchIncomplete({ here, there }: Sides): Promise<string> {
  const hook = join(temporaryDirectory(), 'hook')
  writeFileSync(hook, `#!/bin/sh\ncat >/dev/null; git rev-parse main | git pack-objects --stdout -q\n`, { mode: 0o755 })
  return saidBy(there, ['fetch', `--upload-pack=git -c uploadpack.packObjectsHook='${hook}' upload-pack`, here, 'main:refs/heads/new'])
}

async function pushShallow({ here }: Sides): Promise<string> {
  const shallow = join(temporaryDirectory(), 'shallow')
  await git('/', ['clone', '-q', '--bare', '--depth=1', `file://${here}`, shallow])
  return saidBy(shallow, ['push', await createBare(), 'main'])
}

/** A tag that is another one there. */
async function pushMovedTag({ here, there }: Sides): Promise<string> {
  await git(here, ['push', '-q', there, 'dev:refs/tags/v1'])
  return saidBy(here, ['push', there, 'main:refs/tags/v1'])
}

/** Texts of git itself: over a pipe, without a server in between. */
export const GIT_TEXTS: readonly StagedText<Sides>[] = [
  [
    'git-checked-out-branch',
    /refusing to update checked out branch/,
    async ({ here }) => saidBy(here, ['push', await createScratch(), 'main']),
  ],
  ['git-delete-current-branch', /deletion of the current branch prohibited/, push(':main')],
  ['git-deletion-prohibited', /denying ref deletion/, pushTo(['receive.denyDeletes', 'true'], ':dev')],
  ['git-deny-non-fast-forward', /denying non-fast-forward/, pushTo(['receive.denyNonFastForwards', 'true'], '+main:refs/heads/dev')],
  ['git-non-fast-forward', /\[rejected\].*\(non-fast-forward\)/, push('main:refs/heads/dev')],
  ['git-tag-exists', /\[rejected\].*\(already exists\)/, pushMovedTag],
  ['git-stale-info', /\(stale info\)/, push(`--force-with-lease=main:${'1'.repeat(40)}`, 'main')],
  [
    'git-atomic-failed',
    /\(atomic push failed\)/,
    ({ here, there }) => saidBy(here, ['push', '--atomic', there, 'main', 'main:refs/heads/dev'], { lines: /main -> main/ }),
  ],
  ['git-atomic-unsupported', /does not support --atomic push/, pushTo(['receive.advertiseAtomic', 'false'], '--atomic', 'main', 'dev')],
  [
    'git-push-options-unsupported',
    /does not support push options/,
    pushTo(['receive.advertisePushOptions', 'false'], '--push-option=a', 'main'),
  ],
  [
    'git-object-format',
    /does not support this repository's hash algorithm/,
    async ({ here }) => saidBy(here, ['push', await createBare(undefined, { objectFormat: 'sha256' }), 'main']),
  ],
  ['git-df-conflict', /cannot lock ref '[^']*': '[^']*' exists; cannot create/, push('main:refs/heads/main/x')],
  ['git-ref-locked', /cannot lock ref '[^']*': Unable to create '[^']*': File exists/, pushIntoLock()],
  ['git-failed-to-update-ref', /\(failed to update ref\)/, pushIntoLock(/ ! /)],
  // The hook is the other writer: it comes after git has read the ref, and before it locks it.
  ['git-ref-moved', /cannot lock ref '[^']*': is at \w+ but expected/, pushPast('update', 'git update-ref refs/heads/main refs/heads/dev')],
  [
    'git-ref-exists',
    /cannot lock ref '[^']*': reference already exists/,
    pushPast('update', 'git update-ref refs/heads/new refs/heads/dev', 'main:refs/heads/new'),
  ],
  ['git-pre-receive-declined', /\(pre-receive hook declined\)/, pushPast('pre-receive', 'exit 1')],
  ['git-update-hook-declined', /hook declined to update refs\/heads\//, pushPast('update', 'exit 1')],
  ['github-pull-refs-hook-old', /hook declined to update refs\/pull\//, pushPast('update', 'exit 1', 'main:refs/pull/1/head')],
  ['github-hidden-ref', /\(deny updating a hidden ref\)/, pushTo(['receive.hideRefs', 'refs/pull'], 'main:refs/pull/1/head')],
  [
    'git-unpacker-error',
    /remote unpack failed: \S+ abnormal exit|\(unpacker error\)/,
    sides => pushDamaged(sides, /unpack failed|unpacker error/),
  ],
  ['git-fsck', /object [0-9a-f]{40}: zeroPaddedFilemode: /, sides => pushDamaged(sides)],
  ['git-update-instead', /\(Working directory has unstaged changes\)/, pushIntoDirtyTree],
  [
    'git-bad-line-length',
    /protocol error: bad line length character: Welc/,
    ({ here }) => saidBy(here, ['ls-remote', 'ssh://127.0.0.1/x.git'], { env: { GIT_SSH_COMMAND: 'echo Welcome to this machine;' } }),
  ],
  ['git-max-input-size', /pack exceeds maximum allowed size/, pushBeyondLimit],
  ['github-pack-too-big', /pack exceeds maximum allowed size/, pushBeyondLimit],
  ['bitbucket-pack-limit', /pack exceeds maximum allowed size/, pushBeyondLimit],
  ['git-shallow-not-allowed', /\(shallow update not allowed\)/, pushShallow],
  ['git-missing-objects', /did not send all necessary objects/, fetchIncomplete],
  ['git-funny-ref', /refusing to (?:create|update) funny ref '[^']*' remotely/, push('main:refs/x')],
  [
    'git-not-a-repository',
    /does not appear to be a git repository/,
    ({ here }) => saidBy(here, ['push', '/nonexistent/mirror.git', 'main']),
  ],
  [
    'git-dubious-ownership',
    /detected dubious ownership in repository/,
    // Without the tests' own trust in every repository. The variable is git's, for its tests: every repository belongs to another user.
    ({ there }) => saidBy(there, ['rev-parse', 'HEAD'], { env: { GIT_CONFIG_COUNT: '0', GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' } }),
  ],
  [
    'git-could-not-read',
    /Could not read from remote repository/,
    ({ here }) => saidBy(here, ['ls-remote', 'ssh://127.0.0.1/x.git'], { env: { GIT_SSH_COMMAND: 'false' } }),
  ],
  // The daemon itself, at the other end of a program of ours.
  ['git-daemon-not-exported', /access denied or repository not exported: \/\w+\.git/, throughProxy(0o755)],
  ['git-cannot-start-proxy', /cannot exec '[^']*': Permission denied\s+fatal: cannot start proxy \S/, throughProxy(0o644)],
  ['git-sideband-disconnect', /unexpected disconnect while reading sideband packet/, pushPast('pre-receive', 'kill -KILL $PPID')],
  [
    'git-remote-hung-up',
    /the remote end hung up unexpectedly/,
    // The server shows its refs, and ends where it has to answer.
    ({ here, there }) => {
      const server = '--upload-pack=f() { git upload-pack --http-backend-info-refs "$1"; read want; read done; }; f'
      return saidBy(there, ['-c', 'protocol.version=0', 'fetch', server, here, 'main'])
    },
  ],
]
