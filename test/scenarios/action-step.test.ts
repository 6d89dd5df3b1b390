import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { findNode20, runCli, runMain, runPost } from '../support/action-step.ts'
import { recordedOutput } from '../support/recorded-output.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

// The runner's part is tried with an action that tells what it was given.
const ACTION = `
inputs:
  remote-url: { description: x, required: true }
  with blank: { description: x, default: 'b' }
  auth-secret: { description: x }
  repository: { description: x, default: '\${{ github.repository }}' }
  number: { description: x, default: 3 }
  token: { description: x, default: '\${{ github.token }}' }
runs: { using: node24, main: main.mjs, post: post.mjs }
`
const MAIN = `
import { appendFileSync, writeFileSync } from 'node:fs'
const { env } = process
writeFileSync(env.RUNNER_TEMP + '/left', '')
appendFileSync(env.GITHUB_OUTPUT, 'inputs<<END\\n' + JSON.stringify(Object.entries(env).filter(([name]) => name.startsWith('INPUT_'))) + '\\nEND\\n')
appendFileSync(env.GITHUB_STATE, 'directory=here\\n')
appendFileSync(env.GITHUB_STEP_SUMMARY, '# done\\n')
appendFileSync(env.GITHUB_PATH, '/some/bin\\n')
appendFileSync(env.GITHUB_ENV, 'A=1\\n')
console.log(process.version)
console.log('::add-mask::' + env['INPUT_AUTH-SECRET'])
console.log('masked ' + env['INPUT_AUTH-SECRET'])
if (env.TELL) console.log('token ' + Buffer.from('user:' + env.TELL).toString('base64'))
if (env.WAIT) setInterval(() => console.log('waiting'), 10)
process.exitCode = Number(env.CODE ?? 0)
`
let action: string

beforeAll(() => {
  // These runs print secrets on purpose: they are recorded apart from all others.
  process.env['RECORDED_OUTPUT'] = temporaryDirectory()
  action = temporaryDirectory()
  writeFileSync(join(action, 'action.yml'), ACTION)
  writeFileSync(join(action, 'main.mjs'), MAIN)
  writeFileSync(
    join(action, 'post.mjs'),
    'console.log(process.env.STATE_directory, process.env["INPUT_REMOTE-URL"], process.env.RUNNER_TEMP)',
  )
})

describe('a step', () => {
  test('gets its inputs with their defaults and gives back its files', async () => {
    const step = await runMain({ 'remote-url': 'https://there.invalid/x' }, { action, github: { token: 'ghs_own' } })
    expect(Object.fromEntries(JSON.parse(step.outputs['inputs'] ?? ''))).toEqual({
      'INPUT_REMOTE-URL': 'https://there.invalid/x',
      INPUT_WITH_BLANK: 'b',
      'INPUT_AUTH-SECRET': '',
      INPUT_REPOSITORY: 'octo/widgets',
      INPUT_NUMBER: '3',
      INPUT_TOKEN: 'ghs_own',
    })
    expect(step).toMatchObject({ code: 0, state: { directory: 'here' }, summary: '# done\n', path: ['/some/bin'], env: { A: '1' } })
    expect(readdirSync(step.temp)).toEqual(['left'])
  })

  test('refuses an input that action.yml does not know', async () => {
    await expect(runMain({ 'remote-uri': 'x' }, { action })).rejects.toThrow('"remote-uri"')
  })

  test('gives state, inputs and directory to its post part', async () => {
    const main = await runMain({ 'remote-url': 'there' }, { action, env: { CODE: '3' } })
    expect(main.code).toBe(3)
    expect((await runPost(main)).log).toBe(`here there ${main.temp}\n`)
  })

  test('is killed when its output says so', async () => {
    const step = await runMain({}, { action, env: { WAIT: '1' }, kill: { signal: 'SIGKILL', when: log => log.includes('waiting') } })
    expect(step).toMatchObject({ code: null, signal: 'SIGKILL', state: { directory: 'here' } })
  })

  test('runs with node 20', async () => {
    expect((await runMain({}, { action, node: findNode20() })).log).toMatch(/^v20\./)
  })
})

describe('a secret', () => {
  test('that is masked is no leak, and is recorded as it was', async () => {
    const step = await runMain({ 'auth-secret': 'masked-by-the-step' }, { action })
    expect(step.log).toContain('masked masked-by-the-step')
    expect(step.maskedLog).toContain('masked ***')
    expect(step.leaks).toEqual([])
    const recorded = recordedOutput().find(one => one.secrets.includes('masked-by-the-step'))
    expect(recorded?.text).toContain('\nmasked masked-by-the-step\n')
    expect(recorded?.text).not.toContain('::add-mask::')
  })

  test('that is printed in another form is a leak', async () => {
    const secret = 'printed-in-base64'
    const step = await runMain({}, { action, env: { TELL: secret }, secrets: [secret] })
    expect(step.leaks).toEqual([expect.stringMatching(/^line 3: /)])
  })
})

test('a user at a terminal gets an answer, and it is recorded', async () => {
  const { code, stdout, log } = await runCli(['--help'], { secrets: ['never-to-be-seen'] })
  expect({ code, log }).toEqual({ code: 0, log: stdout })
  expect(recordedOutput()).toContainEqual({ run: 'repository-mirroring --help', text: stdout, secrets: ['never-to-be-seen'] })
})
