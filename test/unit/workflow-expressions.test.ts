import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { run } from '../support/child-process.ts'
import { type Contexts, type Ending, fillIn, holds } from '../support/expression.ts'
import { gitEnvironment } from '../support/git-repository.ts'
import { type Job, REUSABLE, readWorkflow, type Step } from '../support/workflow-file.ts'

// What the reusable workflow does on each server, as GitHub's own evaluator reads it. act knows neither `job.workflow_repository` nor `concurrency`.
const { jobs, on } = readWorkflow(REUSABLE)
const JOBS = Object.keys(jobs)

const jobOf = (name: string): Job => jobs[name] ?? {}
function stepOf(job: string, name: string): Step {
  const step = jobOf(job).steps?.find(step => step.name === name)
  if (step === undefined) throw new Error(`"${job}" has no step "${name}"`)
  return step
}

/** Runs a step's script as the runner does. */
async function runScript({ run: script = '' }: Step, env: Readonly<Record<string, string>> = {}) {
  const { code, stdout } = await run('bash', ['-e', '-c', script], { cwd: '/', env: { ...gitEnvironment(), ...env } })
  return { code, stdout }
}

describe.each(JOBS)('%s: where the action comes from', job => {
  const [check, get] = [stepOf(job, 'Where the action is'), stepOf(job, 'Get the action')]
  const GITHUB = { workflow_repository: 'someone/copy', workflow_sha: 'c0ffee' }
  const OTHER = { 'action-repository': 'other/copy' }

  test.each<[string, Record<string, string>, Record<string, string>, string, string]>([
    ['the repository and commit of the workflow', GITHUB, {}, 'someone/copy', 'c0ffee'],
    ['inputs that were given empty change nothing', GITHUB, { 'action-repository': '', 'action-ref': '' }, 'someone/copy', 'c0ffee'],
    ['another ref of the same repository', GITHUB, { 'action-ref': 'v2' }, 'someone/copy', 'v2'],
    ['another repository, whose default branch it is and not a commit of this one', GITHUB, OTHER, 'other/copy', ''],
    ['another repository at a ref', GITHUB, { ...OTHER, 'action-ref': 'v2' }, 'other/copy', 'v2'],
    ['a server that does not say it, told by the inputs', {}, { ...OTHER, 'action-ref': 'v2' }, 'other/copy', 'v2'],
    ['a server that does not say it, told the repository alone', {}, OTHER, 'other/copy', ''],
  ])('%s', (_, ofJob, inputs, repository, ref) => {
    const contexts = { job: ofJob, inputs }
    expect(holds(check.if, contexts)).toBe(false)
    const { repository: from = '', ref: at = '' } = get.with ?? {}
    expect([fillIn(from, contexts), fillIn(at, contexts)]).toEqual([repository, ref])
  })

  test.each([{}, { 'action-repository': '', 'action-ref': 'v2' }])(
    'unknown, with %j: an error that names both inputs, and no other step',
    async inputs => {
      expect(holds(check.if, { job: {}, inputs })).toBe(true)
      const { code, stdout } = await runScript(check)
      expect(code).toBe(1)
      expect(stdout).toMatch(/^::error .*"action-repository".*"action-ref"/)
      const steps = jobOf(job).steps ?? []
      const later = steps.slice(steps.indexOf(check) + 1)
      const contexts = { job: {}, inputs, steps: {} }
      expect(later.filter(({ if: condition }) => holds(condition, contexts, 'failure'))).toEqual([])
    },
  )
})

test('no repository is named in it, so that a copy takes nothing from the original', () => {
  const rules = readFileSync(REUSABLE, 'utf8').replace(/^ *#.*$/gm, '')
  const used = [...rules.matchAll(/^ *uses: ([^@\n]*)/gm)].map(([, action]) => action)
  expect([...new Set(used)].sort()).toEqual([
    './.repository-mirroring',
    'actions/checkout',
    'actions/download-artifact',
    'actions/upload-artifact',
  ])
  expect(rules).not.toContain('repository-mirroring/repository-mirroring')
})

describe('one run of a mirror at a time', () => {
  const GITHUB = { repository: 'o/here', run_id: '1' }
  const THERE = { 'remote-url': 'ssh://git@there.example/x' }
  const group = (inputs: Contexts, github: Contexts = GITHUB) => fillIn(jobOf('mirror').concurrency?.group ?? '', { inputs, github })

  test.each<[string, Contexts, Contexts]>([
    ['runs of one caller', {}, {}],
    ['callers that write the default and that do not', { direction: 'push', 'protected-only': 'false' }, {}],
    ['callers that name the repository and that do not', { repository: 'o/here' }, {}],
    ['how it is done makes no other mirror', { retries: '0', transfer: 'git', 'fail-on': 'never' }, { prune: 'all' }],
    ['a mirror, said with the operation and without', { operation: 'mirror', 'dry-run': 'false' }, {}],
  ])('waits: %s', (_, one, other) => {
    const [first, second] = [group({ ...THERE, ...one }), group({ ...THERE, ...other }, { ...GITHUB, run_id: '2' })]
    expect(second).toBe(first)
  })

  test.each<[string, Contexts]>([
    ['to another repository', { 'remote-url': 'ssh://git@there.example/y' }],
    ['of another repository', { repository: 'o/else' }],
    ['of another URL', { 'repository-url': 'https://git.example/x' }],
    ['in another direction', { direction: 'pull' }],
    ['of other branches', { branches: 'main' }],
    ['of other tags', { tags: 'v*' }],
    ['of the branches of an expression', { 'branch-regex': '^release' }],
    ['of protected branches alone', { 'protected-only': 'true' }],
    ['of branches that are said to be protected', { 'protected-branches': 'main' }],
    ['that only plans', { 'dry-run': 'true' }],
    ['that only compares', { operation: 'verify' }],
    ['that only looks', { operation: 'detect-host-keys' }],
    ['that removes backups', { operation: 'purge-backups', 'dry-run': 'false' }],
  ])('does not wait: one %s', (_, other) => expect(group({ ...THERE, ...other })).not.toBe(group(THERE)))

  test('does not wait: two that change nothing', () => {
    const verify = (run_id: string) => group({ ...THERE, operation: 'verify' }, { ...GITHUB, run_id })
    expect(verify('2')).not.toBe(verify('1'))
  })

  describe('of a configuration file', () => {
    const ofRow = (matrix: Contexts, inputs: Contexts = {}, github: Contexts = GITHUB) =>
      fillIn(jobOf('mirrors').concurrency?.group ?? '', { matrix: { name: 'a', ...THERE, ...matrix }, inputs, github })

    test('waits: the same mirror, whoever calls', () => {
      expect(ofRow({ retries: '0' }, { 'max-parallel': 1 }, { ...GITHUB, run_id: '2' })).toBe(ofRow({}))
    })

    test.each<[string, Contexts, Contexts]>([
      ['another name', { name: 'b' }, {}],
      ['another repository', { repository: 'o/else' }, {}],
      ['another URL', { 'repository-url': 'https://git.example/x' }, {}],
      ['another remote', { 'remote-url': 'ssh://git@there.example/y' }, {}],
      ['a mirror that only plans', { 'dry-run': 'true' }, {}],
      ['a mirror that is only compared', {}, { operation: 'verify' }],
    ])('does not wait: %s', (_, row, inputs) => expect(ofRow(row, inputs)).not.toBe(ofRow({})))
  })
})

describe('which jobs run', () => {
  type Result = Ending | 'skipped'
  const MATRIX = JSON.stringify({ include: [{ name: 'a' }, { name: 'b' }] })

  /** The jobs in order, each with what it comes to where it runs. */
  function jobsThatRun(inputs: Contexts, ends: Readonly<Record<string, Ending>> = {}): string[] {
    const needs: Record<string, { result: Result; outputs: Contexts }> = {}
    for (const [name, { if: condition, needs: needed = [] }] of Object.entries(jobs)) {
      const isFine = [needed].flat().every(job => needs[job]?.result === 'success')
      const runs = holds(condition, { inputs, needs }, isFine ? 'success' : 'failure')
      needs[name] = { result: runs ? (ends[name] ?? 'success') : 'skipped', outputs: { matrix: MATRIX } }
    }
    return JOBS.filter(name => needs[name]?.result !== 'skipped')
  }

  const config = 'mirrors.yml'
  test.each<[string, Contexts, Record<string, Ending>, string[]]>([
    ['one mirror', {}, {}, ['mirror']],
    ['one mirror, with an empty `config`', { config: '' }, {}, ['mirror']],
    ['one mirror that fails', {}, { mirror: 'failure' }, ['mirror']],
    ['many', { config, operation: '' }, {}, ['list', 'mirrors', 'summary']],
    ['many, compared', { config, operation: 'verify' }, {}, ['list', 'mirrors', 'summary']],
    ['many, whose backups are purged', { config, operation: 'purge-backups' }, {}, ['list', 'mirrors', 'summary']],
    ['many, of which one fails: still summed up', { config, operation: 'mirror' }, { mirrors: 'failure' }, ['list', 'mirrors', 'summary']],
    ['a file that is wrong', { config, operation: '' }, { list: 'failure' }, ['list']],
    ['the list alone', { config, operation: 'list-mirrors' }, {}, ['list']],
    ['an operation that leaves no report', { config, operation: 'detect-host-keys' }, {}, ['list', 'mirrors']],
  ])('%s', (_, inputs, ends, expected) => expect(jobsThatRun(inputs, ends)).toEqual(expected))

  test('the summary expects all that the list has', () => {
    const names = stepOf('summary', 'Sum up').with?.['config-mirror'] ?? ''
    expect(fillIn(names, { needs: { list: { outputs: { matrix: MATRIX } } } })).toBe('a,b')
  })

  test('a report is kept after a failure, too, where there is one', () => {
    for (const name of ['Name the report', 'Keep the report for the summary of all']) {
      const keeps = (outputs: Contexts) => holds(stepOf('mirrors', name).if, { steps: { mirror: { outputs } } }, 'failure')
      expect([keeps({ 'report-file': '/r.json' }), keeps({})]).toEqual([true, false])
    }
  })

  test('outputs are those of the one job that ran', () => {
    const { value = '' } = on['workflow_call']?.outputs?.['status'] ?? {}
    const status = (one: Contexts, many: Contexts) => fillIn(value, { jobs: { mirror: { outputs: one }, summary: { outputs: many } } })
    expect([status({ status: 'updated' }, {}), status({}, { status: 'partial' })]).toEqual(['updated', 'partial'])
  })
})

describe('secrets that a configuration file names', () => {
  const mirror = stepOf('mirrors', 'Mirror')
  const SECRETS = ['auth-secret', 'ssh-key-passphrase', 'client-key'] as const

  test.each(SECRETS)('%s: the one of that name, and none where there is none', input => {
    const given = (matrix: Contexts, secrets: Contexts) => fillIn(mirror.with?.[input] ?? '', { matrix, secrets })
    expect(given({ [input]: 'MINE' }, { MINE: 'mine', [input]: 'all' })).toBe('mine')
    expect([given({ [input]: 'MINE' }, { [input]: 'all' }), given({}, { [input]: 'all' })]).toEqual(['', ''])
  })

  test('the action hears their names, so that it can tell which is missing', () => {
    const row = { name: 'a', 'auth-secret': 'KEY', token: 'T' }
    expect(JSON.parse(fillIn(mirror.env?.['REPOSITORY_MIRRORING_ROW'] ?? '', { matrix: row }))).toEqual(row)
    expect(mirror.if).toBeUndefined()
  })

  test.each<[string, Record<string, string>, Record<string, string>, string]>([
    ['that of the row', { token: 'MINE' }, { MINE: 'mine', token: 'all' }, 'mine'],
    ['never another one where that is missing', { token: 'MINE' }, { token: 'all' }, ''],
    ["the workflow's own for a row that names none", {}, { token: 'all' }, 'all'],
    ['that of the run where there is no other', {}, {}, 'run'],
  ])('a token: %s', (_, matrix, secrets, expected) => {
    const { token = '' } = mirror.with ?? {}
    expect(fillIn(token, { matrix, secrets, github: { token: 'run' } })).toBe(expected)
  })
})
