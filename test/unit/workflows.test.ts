import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parseConfig } from '../../src/settings/config/config-file.ts'
import { readMirrors } from '../../src/settings/config/mirrors.ts'
import { choicesOf, hasTrait, INPUTS as inputs, inputsWith } from '../../src/settings/inputs.ts'
import { secretNamesIn } from '../../src/settings/read-inputs.ts'
import { readActionFile } from '../support/action-file.ts'
import { run } from '../support/child-process.ts'
import { gitEnvironment } from '../support/git-repository.ts'
import { contextWith } from '../support/settings.ts'
import { REUSABLE, readWorkflow } from '../support/workflow-file.ts'

const ROOT = process.cwd()
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8')

const workflow = readWorkflow(REUSABLE)
const called = workflow.on['workflow_call'] ?? {}
/** `reports` is a directory of the runner, which only the workflow itself knows. */
const secrets = inputsWith('secret')
const plain = inputs.map(({ name }) => name).filter(name => !secrets.includes(name) && name !== 'reports')
/** Inputs of the workflow itself. */
const OWN = ['max-parallel', 'runs-on', 'job-timeout-minutes', 'action-repository', 'action-ref']
const OF_THE_FILE = ['config', 'config-mirror', 'config-may-set']

const stepsOf = (job: string) => workflow.jobs[job]?.steps ?? []
const inputsOfStep = (job: string, id: string) => Object.keys(stepsOf(job).find(step => step.id === id)?.with ?? {}).sort()

describe('the reusable workflow', () => {
  test('has the inputs and secrets of the action, and a few of its own', () => {
    expect(Object.keys(called.inputs ?? {})).toEqual([...plain, ...OWN])
    expect(Object.keys(called.secrets ?? {})).toEqual(secrets)
    expect(Object.keys(readActionFile(ROOT).inputs).sort()).toEqual([...plain, ...secrets, 'reports'].sort())
    // An empty text is what the action takes for "not given".
    for (const name of plain) expect(called.inputs?.[name]).toMatchObject({ type: 'string' })
    for (const name of plain) expect(called.inputs?.[name]).not.toHaveProperty('default')
  })

  test('hands all of them on', () => {
    const withoutFile = [...plain, ...secrets].filter(name => !OF_THE_FILE.includes(name)).sort()
    expect(inputsOfStep('mirror', 'mirror')).toEqual(withoutFile)
    expect(inputsOfStep('mirrors', 'mirror')).toEqual(withoutFile)
    expect(inputsOfStep('list', 'list')).toEqual(expect.arrayContaining([...OF_THE_FILE, 'direction', 'dry-run', 'operation']))
  })

  test('next to `config`, what counts for no mirror is told, secrets without being handed on', () => {
    const given = stepsOf('list').find(({ id }) => id === 'list')?.with ?? {}
    const ofOne = Object.keys(given).filter(name => hasTrait(name, 'of-mirror'))
    expect(ofOne.sort()).toEqual([...inputsWith('of-mirror')].sort())
    for (const name of secrets.filter(name => name in given)) expect(given[name]).toBe(`\${{ secrets.${name} && '(given)' || '' }}`)
  })

  test("where the file names no token, the workflow's own counts, and then that of the run", () => {
    const { token } = stepsOf('mirrors').find(({ id }) => id === 'mirror')?.with ?? {}
    expect(token).toBe(`\${{ matrix.token && secrets[matrix.token] || !matrix.token && (secrets.token || github.token) || '' }}`)
  })

  test('a secret that is missing reaches the action, which tells, counts and writes of it', () => {
    const steps = stepsOf('mirrors')
    const { env } = steps.find(({ id }) => id === 'mirror') ?? {}
    expect(env).toEqual({ REPOSITORY_MIRRORING_ROW: `\${{ toJSON(matrix) }}` })
    const before = steps.slice(
      0,
      steps.findIndex(({ id }) => id === 'mirror'),
    )
    expect(before.filter(step => /secrets/.test(JSON.stringify(step)))).toEqual([])
    const row = { name: 'a', 'remote-url': 'https://h/x', 'auth-secret': 'A_KEY', token: 'A_TOKEN' }
    expect([...secretNamesIn({ REPOSITORY_MIRRORING_ROW: JSON.stringify(row) })]).toEqual([
      ['auth-secret', 'A_KEY'],
      ['token', 'A_TOKEN'],
    ])
  })

  test.each([
    ['nothing', undefined],
    ['no JSON', '{'],
    ['null', 'null'],
    ['no name', '{"auth-secret":"hunter2"}'],
    ['no text', '{"auth-secret":{"a":1}}'],
  ])('a row that is %s names no secret', (_, row) => {
    expect([...secretNamesIn({ REPOSITORY_MIRRORING_ROW: row })]).toEqual([])
  })

  test('passes the outputs on, but for those that mean nothing to another job', () => {
    const passed = Object.keys(readActionFile(ROOT).outputs ?? {}).filter(name => !['report-file', 'matrix'].includes(name))
    expect(Object.keys(called.outputs ?? {})).toEqual(passed)
    for (const job of ['mirror', 'summary']) expect(Object.keys(workflow.jobs[job]?.outputs ?? {})).toEqual(passed)
  })

  test.each(['mirror', 'mirrors'])('%s: one run of a mirror at a time, never broken off, with a time limit', job => {
    const { concurrency, 'timeout-minutes': limit } = workflow.jobs[job] ?? {}
    expect(concurrency?.group).toContain('remote-url')
    expect(concurrency?.['cancel-in-progress']).toBe(false)
    expect(limit).toBeDefined()
  })

  test('one mirror that fails does not stop the others', () => {
    expect(workflow.jobs['mirrors']?.strategy).toMatchObject({
      'fail-fast': false,
      'max-parallel': expect.stringContaining('inputs.max-parallel'),
    })
  })

  test('asks for no permission that its caller may not have', () => {
    expect(workflow.permissions).toBeUndefined()
    expect(Object.entries(workflow.jobs).map(([name, { permissions }]) => [name, permissions])).toEqual([
      ['mirror', undefined],
      ['list', { contents: 'read' }],
      ['mirrors', undefined],
      ['summary', { contents: 'read' }],
    ])
  })

  test.each(Object.keys(workflow.jobs))('%s: runs the action of its own commit, and keeps no token', job => {
    const own = stepsOf(job).find(step => step.with?.['path'] === '.repository-mirroring')
    expect(own?.with?.['repository']).toContain('job.workflow_repository')
    expect(own?.with?.['ref']).toContain('job.workflow_sha')
    for (const step of stepsOf(job).filter(({ uses }) => uses?.startsWith('actions/checkout')))
      expect(step.with?.['persist-credentials']).toBe(false)
    expect(stepsOf(job).filter(({ uses }) => uses === './.repository-mirroring')).toHaveLength(1)
  })
})

test.each(['ci.yml', 'mirror.yml'])(
  '%s: actions of others are named by their commit, with the version next to it, and every job is checked',
  name => {
    const used = [...read(`.github/workflows/${name}`).matchAll(/^ *(?:- )?uses: (.*)$/gm)].map(([, action = '']) => action)
    const foreign = used.filter(action => !action.startsWith('./'))
    expect(foreign.length).toBeGreaterThan(0)
    expect(foreign.filter(action => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([])
    // One commit for each version of an action, so that a changed commit is noticed.
    expect(new Set(foreign.map(action => action.replace(/@\w+/, ''))).size).toBe(new Set(foreign).size)
    for (const kind of ['github-actions', 'npm']) expect(read('.github/dependabot.yml')).toContain(`package-ecosystem: ${kind}\n`)
    expect(read('script/test')).toContain('zizmor --offline')
  },
)

test("the README's table and the schema of configuration files have the same inputs", () => {
  const table = read('README.md').split('<!-- inputs -->')[1]?.split('<!-- /inputs -->')[0] ?? ''
  expect([...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name)).toEqual(inputs.map(({ name }) => name))
  const schema = JSON.parse(read('docs/config.schema.json'))
  const inFile = inputs.map(({ name }) => name).filter(name => !['operation', 'reports'].includes(name) && !OF_THE_FILE.includes(name))
  expect(Object.keys(schema.properties.mirrors.items.properties).sort()).toEqual(['name', ...inFile].sort())
  expect(Object.keys(schema.properties.defaults.properties).sort()).toEqual(inFile.filter(name => name !== 'remote-url').sort())
})

const examples = readdirSync(join(ROOT, 'examples')).filter(name => name.endsWith('.yml'))

describe('examples', () => {
  test('GitHub’s own parser takes them all', async () => {
    const files = [REUSABLE, ...examples.map(name => `examples/${name}`)]
    const { code, stdout } = await run(process.execPath, ['tools/validate.mjs', ...files], { cwd: ROOT, env: gitEnvironment() })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  })

  test.each(examples)('%s', name => {
    const { on, permissions, jobs } = readWorkflow(`examples/${name}`)
    for (const { uses, with: given = {}, secrets: handed = {} } of Object.values(jobs)) {
      expect(uses).toBe('repository-mirroring/repository-mirroring/.github/workflows/mirror.yml@v0')
      expect([...plain, ...OWN]).toEqual(expect.arrayContaining(Object.keys(given)))
      if (handed !== 'inherit') expect(secrets).toEqual(expect.arrayContaining(Object.keys(handed)))
      if (given['operation'] !== undefined) expect([...choicesOf('operation'), 'verify']).toContain(given['operation'])
      const writesHere = given['direction'] === 'pull' || given['direction'] === 'bidirectional'
      expect(permissions).toEqual({ contents: writesHere ? 'write' : 'read' })
    }
    if ('schedule' in on) expect(read(`examples/${name}`)).toContain('60 days')
    expect(read(`examples/${name}`)).toContain(
      '    # `@v0` follows the releases. To pin a commit: docs/reusable-workflow.md#pin-a-commit\n    uses: ',
    )
    expect(read('docs/reusable-workflow.md')).toContain(`(../examples/${name})`)
    expect(read('test/act/act.ts')).toContain(`'examples/${name}`)
  })

  test('README.md and the page of the workflow show how to pin a commit', () => {
    expect(read('README.md')).toContain('(docs/reusable-workflow.md#pin-a-commit)')
    expect(read('docs/reusable-workflow.md')).toMatch(
      /^## Pin a commit\n[\s\S]*uses: repository-mirroring\/repository-mirroring@COMMIT # v0/m,
    )
  })

  test('each page that shows how to use the action says how to pin a commit', () => {
    const pages = readdirSync('docs').flatMap(file => (file.endsWith('.md') ? [`docs/${file}`] : []))
    const using = pages.filter(page => /uses: repository-mirroring\/repository-mirroring\S*@v0/.test(read(page)))
    expect(using.length).toBeGreaterThan(9)
    expect(using.filter(page => !/#pin-a-commit|^## Pin a commit$/m.test(read(page)))).toEqual([])
  })

  test('CI runs them with act, checks them with actionlint, and asks for known vulnerabilities', () => {
    const commands = Object.values(readWorkflow('.github/workflows/ci.yml').jobs).flatMap(({ steps = [] }) => steps.map(({ run }) => run))
    expect(commands).toEqual(expect.arrayContaining(['./script/act', './script/test', 'npm run -s audit']))
    expect(read('script/test')).toContain('"$program" -color=false examples/*.yml')
  })

  test('the configuration file of the matrix', async () => {
    const config = parseConfig(read('examples/config/mirrors.yml'))
    const { problems } = await readMirrors(config, {
      file: 'mirrors.yml',
      environment: {},
      base: { repository: 'o/r' },
      mask: () => {},
      context: contextWith({ serverUrl: 'https://github.com' }),
    })
    expect([problems, config.mirrors.length]).toEqual([[], 3])
  })
})
