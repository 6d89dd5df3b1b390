import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { run } from '../support/child-process.ts'
import { commit, commitAll, copyInto, createBare, git, gitEnvironment, installHook, refsOf } from '../support/git-repository.ts'
import { differences, type MirrorOptions, PROGRAM, runMirror } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const FILE = '.github/workflows/pull.yml'
/** A run of the workflow on `main` of the repository `o/r`, which is here. */
const RUN = { repository: 'o/r', workflowRef: `o/r/${FILE}@refs/heads/main`, ref: 'refs/heads/main' }

/** Copied into both sides. */
let start: string
/** Its one commit. */
let first: string
beforeAll(async () => {
  start = await createBare()
  first = await commit(start, 'main', { files: { [FILE]: 'on: schedule\n', 'src/a': '1' } })
})

/** Both sides equal, with the workflow's file on `main`. */
async function startEqual(transfer: string) {
  const here = await createBare(join(temporaryDirectory(), 'o/r.git'))
  const there = await createBare()
  for (const side of [here, there]) copyInto(side, start)
  const run = (inputs: RawInputs = {}, options: MirrorOptions = {}) =>
    runMirror(
      { 'repository-url': here, 'remote-url': there, direction: 'pull', transfer, ...inputs },
      { ...options, context: { run: RUN, ...options.context } },
    )
  return { here, there, first, run }
}

test.each(['relay', 'git'])('a branch makes room for another one, and `max-deletions` counts here: %s', async transfer => {
  const { here, there, first, run } = await startEqual(transfer)
  await commit(there, 'a/b', { parents: [first], files: { x: '1' } })
  await commit(there, 'c', { parents: [first], files: { x: '2' } })
  await run()
  await git(there, ['branch', '-D', 'a/b', 'c'])
  await commit(there, 'a', { parents: [first], files: { x: '3' } })
  await commit(there, 'c/d', { parents: [first], files: { x: '4' } })
  const before = await refsOf(here)
  expect(await run({ prune: 'all', 'max-deletions': '1' })).toMatchObject({ failure: { kind: 'too-many-deletions', side: 'here' } })
  expect(await refsOf(here)).toEqual(before)
  expect((await run({ prune: 'all' })).outcomes).toMatchObject({ a: 'created', 'a/b': 'deleted', c: 'deleted', 'c/d': 'created' })
  expect(await differences(there, here)).toEqual([])
  expect(await run({ branches: 'nothing' })).toMatchObject({ failure: { kind: 'selection-empty' } })
})

describe.each(['relay', 'git'])('the branch that holds the running workflow: %s', transfer => {
  test('follows the source as long as the workflow survives, also in another form', async () => {
    const { here, there, run } = await startEqual(transfer)
    await commit(there, 'main', { files: { 'src/a': '2' } })
    await commit(there, 'main', { files: { [FILE]: 'on: push\n' } })
    expect((await run({ 'dry-run': 'true' })).refs).toMatchObject([{ outcome: 'skipped', action: 'fast-forward' }])
    expect(await run()).toMatchObject({ outcomes: { main: 'updated' }, status: 'updated', inSync: true, transfer, notices: [] })
    expect(await differences(there, here)).toEqual([])
  })

  test.each<[string, Readonly<Record<string, string | null>>]>([
    ['is gone', { [FILE]: null }],
    ['is gone with its folder', { '.github': null }],
    ['became a folder', { [FILE]: null, [`${FILE}/x`]: '' }],
  ])('stays where the workflow %s; the rest lands, and a dry run says the same', async (_, files) => {
    const { here, there, first, run } = await startEqual(transfer)
    await commit(there, 'main', { files })
    await commit(there, 'new', { parents: [first] })
    const kept = {
      outcome: 'kept',
      code: 'reserved-branch',
      reason: `the source is ahead, but it does not have \`${FILE}\`, the running workflow, which would be lost`,
      hint: expect.stringContaining('a default branch of its own'),
    }
    expect((await run({ 'dry-run': 'true' })).refs).toMatchObject([kept, { outcome: 'skipped', action: 'create' }])
    const report = await run()
    expect(report).toMatchObject({ status: 'partial', refs: [kept, { outcome: 'created' }], inSync: false })
    expect(await differences(there, here)).toEqual([expect.stringMatching(/^refs\/heads\/main: /)])
    expect((await refsOf(here)).get('refs/heads/main')).toBe(first)
  })

  test('is neither overwritten nor deleted, whatever is asked for', async () => {
    const { here, there, first, run } = await startEqual(transfer)
    await commit(there, 'main', { parents: [], files: { [FILE]: 'other' } })
    await commit(there, 'trunk', { parents: [first] })
    const all = { 'keep-divergent': 'false', prune: 'all', backup: 'false' }
    expect((await run()).outcomes).toEqual({ main: 'kept reserved-branch', trunk: 'created' })
    expect(await run(all)).toMatchObject({ status: 'partial', outcomes: { main: 'kept reserved-branch', trunk: 'up-to-date' } })
    await git(there, ['symbolic-ref', 'HEAD', 'refs/heads/trunk'])
    await git(there, ['branch', '-D', 'main'])
    await git(here, ['symbolic-ref', 'HEAD', 'refs/heads/trunk'])
    // A branch of the workflow's own, which exists only here, is no trouble.
    expect(await run(all)).toMatchObject({ status: 'up-to-date', outcomes: { main: 'kept reserved-branch', trunk: 'up-to-date' } })
    expect((await refsOf(here)).get('refs/heads/main')).toBe(first)
  })

  // The settings alone decide these rows.
  const [byRelay, byGit] = transfer === 'relay' ? [test, null] : [null, test]
  byRelay?.each([
    ['the run belongs to another repository', { ...RUN, repository: 'o/other' }, 'updated'],
    ['the workflow runs from another branch', { ...RUN, workflowRef: `o/r/${FILE}@refs/heads/mirror` }, 'updated'],
    ['the runner does not tell the file', { ...RUN, workflowRef: null }, 'kept reserved-branch'],
  ])('%s: %j', async (_, run, outcome) => {
    const { there, run: pull } = await startEqual(transfer)
    await commit(there, 'main', { files: { [FILE]: null } })
    expect((await pull({}, { context: { run } })).outcomes).toEqual({ main: outcome })
  })

  byGit?.('in a push nothing is reserved: the changes are made elsewhere', async () => {
    const { here, there } = await startEqual(transfer)
    await commit(here, 'main', { files: { [FILE]: null } })
    const push = await runMirror({ 'repository-url': here, 'remote-url': there, transfer }, { context: { run: RUN } })
    expect(push.outcomes).toEqual({ main: 'updated' })
    expect(await differences(here, there)).toEqual([])
  })
})

describe('a source that does not send single trees', () => {
  test.each([
    ['auto', 'updated', 'git'],
    ['relay', 'kept reserved-branch', null],
  ])('%s: %s', async (transfer, outcome, by) => {
    const { there, run } = await startEqual(transfer)
    await git(there, ['config', 'uploadpackfilter.tree.allow', 'false'])
    await commit(there, 'main', { files: { 'src/a': '2' } })
    expect(await run()).toMatchObject({ outcomes: { main: outcome }, transfer: by })
  })
})

/** What GitHub says of a ref whose workflow files a token may not change. */
const REFUSAL = `refusing to allow a GitHub App to create or update workflow \`${FILE}\` without \`workflows\` permission`

/** A hook that answers for each ref by itself, as GitHub does (githooks(5), proc-receive): those that bring the workflow's file are refused. */
async function refuseWorkflows(repository: string): Promise<void> {
  await git(repository, ['config', 'receive.procReceiveRefs', 'refs/heads'])
  const script = `
const { execFileSync } = require('node:child_process')
const { readSync, writeSync } = require('node:fs')
const take = length => {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; ) at += readSync(0, bytes, at, length - at)
  return bytes.toString()
}
const read = () => {
  const lines = []
  for (let length = parseInt(take(4), 16); length > 0; length = parseInt(take(4), 16)) lines.push(take(length - 4))
  return lines
}
const write = lines => writeSync(1, lines.map(line => (line.length + 4).toString(16).padStart(4, '0') + line).join('') + '0000')
const holds = oid => {
  try {
    execFileSync('git', ['cat-file', '-e', oid + ':${FILE}'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
read()
write(['version=1'])
write(read().flatMap(line => {
  const [, after, ref] = line.trim().split(' ')
  return holds(after) ? ['ng ' + ref + ' ${REFUSAL.replaceAll('`', '\\x60')}'] : ['ok ' + ref, 'option fall-through']
}))
`
  mkdirSync(join(repository, 'hooks'), { recursive: true })
  writeFileSync(join(repository, 'hooks/proc-receive.cjs'), script)
  const hook = join(repository, 'hooks/proc-receive')
  writeFileSync(hook, `#!/bin/sh\nexec '${process.execPath}' '${hook}.cjs'\n`)
  chmodSync(hook, 0o755)
}

describe.each(['relay', 'git'])('a token that may not change workflow files: %s', transfer => {
  test.each([
    ['each ref is answered', refuseWorkflows],
    [
      'the whole request is refused',
      async (here: string) =>
        installHook(
          here,
          'pre-receive',
          `while read -r old new ref; do git cat-file -e "$new:${FILE}" 2>/dev/null && { echo '${REFUSAL}'; exit 1; }; done; exit 0`,
        ),
    ],
  ])('%s: just those refs are rejected, and told with what may', async (_, refuse) => {
    const [here, there] = [await createBare(), await createBare()]
    await refuse(here)
    await commitAll(
      there,
      ['main', 'a', 'ci', 'z'].map(branch => ({ branch, parents: [], files: branch === 'ci' ? { [FILE]: 'on: push\n' } : { branch } })),
    )
    await git(there, ['tag', 'v1', 'main'])
    const report = await runMirror({ 'repository-url': here, 'remote-url': there, direction: 'pull', transfer })
    expect(report).toMatchObject({
      status: 'partial',
      failure: null,
      outcomes: { a: 'created', ci: 'rejected workflow-scope', main: 'created', 'tags/v1': 'created', z: 'created' },
    })
    expect(report.refs.find(({ ref }) => ref.endsWith('/ci'))).toMatchObject({
      reason: expect.stringContaining(REFUSAL),
      hint: expect.stringContaining('the token of the run can never'),
    })
    expect(await differences(there, here)).toEqual([expect.stringMatching(/^refs\/heads\/ci: /)])
  })
})

describe('as it is started', () => {
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const [node = '', ...program] = PROGRAM
    const cwd = temporaryDirectory()
    return run(node, [...program, ...args], { cwd, env: { ...gitEnvironment(), ...env } })
  }

  test('by a runner, which says what the run is: the branch of its workflow is spared', async () => {
    const { here, there, first } = await startEqual('relay')
    await commit(there, 'main', { files: { [FILE]: null } })
    const added = await commit(there, 'new', { parents: [first] })
    const step = await start([], {
      ...{ GITHUB_ACTIONS: 'true', GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'o/r', GITHUB_REF: 'refs/heads/main' },
      ...{ GITHUB_WORKFLOW_REF: RUN.workflowRef, RUNNER_TEMP: temporaryDirectory() },
      ...{ 'INPUT_REMOTE-URL': there, 'INPUT_REPOSITORY-URL': here, INPUT_DIRECTION: 'pull' },
    })
    expect(step.stdout).toContain(`mirroring ${there} to ${here}\n`)
    expect(step.stdout).toMatch(/! kept +refs\/heads\/main .* which would be lost\n/)
    expect(step.code).toBe(1)
    expect(await refsOf(here)).toEqual(
      new Map([
        ['refs/heads/main', first],
        ['refs/heads/new', added],
      ]),
    )
  })

  test('on a terminal, where FROM is the source whatever the direction', async () => {
    const { here, there } = await startEqual('relay')
    const ours = await commit(here, 'extra', { parents: [], files: { own: '1' } })
    const theirs = await commit(there, 'main', { files: { 'src/a': '2' } })
    const pulled = await start(['mirror', there, here, '--direction', 'pull', '--json'])
    expect(JSON.parse(pulled.stdout)).toMatchObject({
      ...{ direction: 'pull', status: 'updated', source: { url: there }, destination: { url: here } },
    })
    expect((await refsOf(here)).get('refs/heads/main')).toBe(theirs)
    expect((await refsOf(here)).get('refs/heads/extra')).toBe(ours)
    expect((await refsOf(there)).has('refs/heads/extra')).toBe(false)
    const refused = await start(['mirror', '-x', here, '--direction=pull', '--prune', 'some'])
    expect(refused.code).toBe(2)
    expect(refused.stdout).toContain('--prune must be')
    const told = await start(['mirror', there, here, '--direction', 'pull', '--prune', 'some', '--json'])
    expect(JSON.parse(told.stdout)).toMatchObject({ direction: 'pull', failure: { kind: 'settings-invalid' } })
    const same = await start(['mirror', here, here, '--direction', 'pull'])
    expect(same.stdout).toContain('FROM is the same repository as the destination')
  })
})
