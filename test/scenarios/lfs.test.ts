// LFS as a step of a workflow: what it tells, what it leaves behind, and where its secrets are.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { secretForms } from '../../src/credentials/secret-forms.ts'
import { runMain, type StepOptions } from '../support/action-step.ts'
import { withoutMaskCommands } from '../support/command-file.ts'
import { createBare } from '../support/git-repository.ts'
import { schemaProblems } from '../support/json-schema.ts'
import { createPair, httpsLfs, type LfsPair } from '../support/lfs-places.ts'
import { commitLfs, compareObjects } from '../support/lfs-repository.ts'
import { type LfsServer, startLfsServer, storedObjects } from '../support/lfs-server.ts'
import { differences } from '../support/mirror.ts'
import { findSecrets } from '../support/secret-forms.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { type KeptFile, watchedRun, watchProcesses } from '../support/watched-run.ts'

let server: LfsServer
beforeAll(async () => {
  server = await startLfsServer()
})
afterAll(async () => await server?.stop())
beforeEach(() => {
  server.intervene = null
  server.forget()
})

const pair = () => createPair(httpsLfs(server), 'relay')

const inputsOf = ({ source, destination }: LfsPair): Record<string, string> => ({
  retries: '0',
  ...(httpsLfs(server).inputs(source, destination) as Record<string, string>),
})

/** Whether a text shows the token, in any form. */
const shows = (text: string): boolean =>
  findSecrets(text, [server.token]).length > 0 || secretForms(server.token, [server.user]).some(form => text.includes(form))

/** Files that hold the token: `there-lfs-credentials 600`. */
const holding = (files: readonly KeptFile[]): string[] => [
  ...new Set(files.filter(({ text }) => shows(text)).map(({ path, mode }) => `${path.split('/').at(-1)} ${mode}`)),
]

const CREDENTIALS = ['here-lfs-credentials 600', 'there-lfs-credentials 600']
const isReport = (path: string): boolean => /^temp\/repository-mirroring-report-[\w-]+\.json$/.test(path)

test.each(['relay'])('by %s: outputs, summary, report; the token is where it has to be, and nowhere else', async transfer => {
  const sides = await pair()
  await commitLfs(sides.source, 'main', { 'a.bin': 500_000, 'b.bin': 20 })
  const watched = watchedRun()
  const groups = new Set<number>()
  const options: StepOptions = {
    secrets: [server.token],
    env: { ...watched.env, RUNNER_DEBUG: '1' },
    started: pid => {
      watched.started(pid)
      groups.add(pid)
    },
  }
  const seen = await watchProcesses(groups, runMain({ ...inputsOf(sides), transfer }, options))
  const step = seen.result
  expect(step).toMatchObject({ code: 0, leaks: [], outputs: { status: 'updated', transfer } })
  expect(step.summary).toContain('2 LFS objects (488.3 KiB) moved')
  const report = readFileSync(step.outputs['report-file'] ?? '', 'utf8')
  const schema = JSON.parse(readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'))
  expect(schemaProblems(JSON.parse(report), schema)).toEqual([])
  expect(JSON.parse(report)).toMatchObject({
    lfs: { moved: { objects: 2, bytes: 500_020 }, present: { objects: 0 }, failed: { objects: 0 } },
    refs: [{ ref: 'refs/heads/main', lfs: { objects: 2, bytes: 500_020 } }],
  })

  const calls = watched.calls()
  expect(calls.some(({ argv }) => argv.startsWith('git lfs push'))).toBe(true)
  expect([...seen.commandLines, ...calls.map(({ argv }) => argv)].filter(shows)).toEqual([])
  // Neither git-lfs nor what it starts has it in the environment.
  const environmentsOf = (processes: typeof seen.processes) =>
    processes.filter(({ argv, environment }) => /\blfs\b|git-lfs|credential/.test(argv) && shows(Object.values(environment).join('\n')))
  expect(environmentsOf([...calls, ...seen.processes]).map(({ argv }) => argv)).toEqual([])
  expect(holding(calls.flatMap(({ files }) => files)).sort()).toEqual(CREDENTIALS)
  expect(watched.files().filter(({ path }) => !isReport(path))).toEqual([])
  const written = [withoutMaskCommands(step.log), step.summary, report, JSON.stringify([step.outputs, step.env, step.state])]
  expect(written.filter(text => shows(text) || text.includes(server.lfsToken))).toEqual([])
  expect(await sides.check()).toEqual([])
})

test('a failed run leaves no credentials either', async () => {
  const sides = await pair()
  await commitLfs(sides.source, 'main', { 'a.bin': 1000 })
  server.intervene = ({ kind }) => (kind === 'batch' ? { status: 401 } : null)
  const watched = watchedRun()
  const step = await runMain(inputsOf(sides), { secrets: [server.token], env: watched.directories })
  expect(step).toMatchObject({ code: 1, leaks: [], outputs: { rejected: '1' } })
  expect(watched.files().filter(({ path }) => !isReport(path))).toEqual([])
})

test('`config`: two mirrors, one of them without LFS', async () => {
  const directory = temporaryDirectory()
  const source = await createBare(undefined, { config: { 'uploadpack.allowFilter': 'true' } })
  await commitLfs(source, 'main', { 'a.bin': 1000 })
  const [whole, bare] = [await createBare(join(directory, 'whole.git')), await createBare(join(directory, 'bare.git'))]
  const config = join(directory, 'mirrors.yml')
  const entry = (name: string, url: string, rest = '') =>
    `  - { name: ${name}, remote-url: "${url}", repository-url: "${source}"${rest} }\n`
  writeFileSync(config, `mirrors:\n${entry('whole', whole)}${entry('bare', bare, ', lfs: false')}`)
  const step = await runMain({ config })
  expect(step).toMatchObject({ code: 0, leaks: [], outputs: { status: 'updated', created: '2' } })
  expect([storedObjects(whole).size, storedObjects(bare).size]).toEqual([1, 0])
  expect(await compareObjects(source, whole)).toEqual([])
  expect(await differences(source, bare)).toEqual([])
  const { mirrors } = JSON.parse(readFileSync(step.outputs['report-file'] ?? '', 'utf8'))
  expect(mirrors.map(({ name, report }: { name: string; report: { lfs: unknown } }) => [name, report.lfs])).toEqual([
    ['whole', { moved: { objects: 1, bytes: 1000 }, present: { objects: 0, bytes: 0 }, failed: { objects: 0, bytes: 0 }, lost: [] }],
    ['bare', null],
  ])
})
