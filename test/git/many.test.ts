import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { run } from '../support/child-process.ts'
import { commit, createBare, gitEnvironment } from '../support/git-repository.ts'
import { differences, PROGRAM } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let source: string
beforeAll(async () => {
  source = await createBare()
  for (const branch of ['main', 'dev']) await commit(source, branch, { files: { 'a.txt': branch } })
})

/** A file of three mirrors, of which `second` has nowhere to go. */
async function threeMirrors() {
  const directory = temporaryDirectory()
  const [first, third] = [await createBare(join(directory, 'first.git')), await createBare(join(directory, 'third.git'))]
  const file = join(directory, 'mirrors.yml')
  const text = `
defaults: { repository-url: "${source}", retries: 0 }
mirrors:
  - { name: first, remote-url: ./first.git }
  - { name: second, remote-url: ./nowhere.git }
  - { name: third, remote-url: ./third.git, transfer: git }
`
  writeFileSync(file, text)
  return { directory, first, third, file }
}

const cli = (args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) =>
  run(PROGRAM[0] ?? '', [...PROGRAM.slice(1), ...args], { cwd, env: { ...gitEnvironment(), ...env } })

describe('the command line', () => {
  test('one that fails does not stop the others; the code is the worst, and a table ends it', async () => {
    const { directory, first, third } = await threeMirrors()
    const { code, stdout, stderr } = await cli(['mirror', '--config', 'mirrors.yml'], directory)
    expect([await differences(source, first), await differences(source, third)]).toEqual([[], []])
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /\n3 mirrors: 1 failed, 2 updated \(.*\)\n {2}✅ first {3}Updated: 2 created\n {2}❌ second {2}Failed: Repository not found\n {2}✅ third {3}Updated: 2 created\n$/,
    )
    expect(stderr).toContain(`third: mirroring ${source} to ${third}\n`)
    expect((await cli(['mirror', '--config', 'mirrors.yml', '--only', 'first,third', '--jobs=1'], directory)).stdout).toMatch(
      /\n2 mirrors: 2 up to date /,
    )
  })

  test('what counts only in a workflow is told, and does not hold up the mirror', async () => {
    const { directory, first, file } = await threeMirrors()
    writeFileSync(
      file,
      `mirrors:\n  - { name: first, repository-url: "${source}", remote-url: ./first.git, min-interval: 1h, pause-after: 1 }\n`,
    )
    for (const status of ['Updated: 2 created', 'Up to date']) {
      const { code, stdout } = await cli(['mirror', '--config', 'mirrors.yml'], directory)
      expect([code, stdout]).toEqual([0, expect.stringContaining(status)])
      expect(stdout).toContain('count only in a workflow: on a terminal nothing is kept between runs')
    }
    expect(await differences(source, first)).toEqual([])
  })

  test('plan changes nothing', async () => {
    const { directory, first } = await threeMirrors()
    const { code, stdout } = await cli(['plan', '--config', 'mirrors.yml', '--only', 'first'], directory)
    expect([code, stdout]).toEqual([0, expect.stringContaining('Dry run: 2 to create')])
    expect(await differences(source, first)).not.toEqual([])
  })

  test('--json has each report under its name', async () => {
    const { directory } = await threeMirrors()
    const { stdout } = await cli(['mirror', '--config', 'mirrors.yml', '--json'], directory)
    const { status, mirrors } = JSON.parse(stdout)
    expect(status).toBe('partial')
    expect(mirrors.map(({ name, report }: { name: string; report: { status: string } }) => [name, report.status])).toEqual([
      ['first', 'updated'],
      ['second', 'failed'],
      ['third', 'updated'],
    ])
  })

  test.each<[string, string[], string]>([
    ['a file that is not there', ['--config', 'no.yml'], '"no.yml" could not be read'],
    ['no file', ['--config'], '--config needs a value'],
    [
      'an unknown name',
      ['--config=mirrors.yml', '--only', 'frist'],
      '"mirrors.yml" has no mirror with the name "frist"; did you mean "first"?',
    ],
    [
      'a name on no server',
      ['--config=named.yml'],
      'named.yml:1:59: "a": `repository` is a name on the server of a workflow run, which a command line does not have',
    ],
    ['names that are none', ['--config=mirrors.yml', '--only', ','], '--only names no mirror'],
    ['no jobs', ['--config=mirrors.yml', '--jobs', '0'], '--jobs must be a whole number from 1 to 64, not "0"'],
    ['a flag of one mirror', ['--config=mirrors.yml', '--prune=all'], 'the settings of a mirror are in the file'],
    ['URLs', ['a', 'b', '--config=mirrors.yml'], 'too many arguments: a b'],
  ])('refused: %s', async (_, args, words) => {
    const { directory } = await threeMirrors()
    writeFileSync(join(directory, 'named.yml'), 'mirrors: [{ name: a, remote-url: ./first.git, repository: group/project }]\n')
    const { code, stderr } = await cli(['mirror', ...args], directory)
    expect([code, stderr]).toEqual([2, expect.stringContaining(words)])
  })

  test('a secret that the file names is shown nowhere', async () => {
    const { directory } = await threeMirrors()
    const text = `mirrors:\n  - { name: a, repository-url: "${source}", remote-url: "https://127.0.0.1:1/x.git", retries: 0, auth-secret: A_TOKEN }\n`
    writeFileSync(join(directory, 'mirrors.yml'), text)
    const { code, stdout, stderr } = await cli(['mirror', '--config', 'mirrors.yml', '--verbose'], directory, { A_TOKEN: 'hunter2-token' })
    expect(code).toBe(4)
    expect(stdout + stderr).not.toMatch(/hunter2|aHVudGVyMi/)
  })
})

test.each([
  [1, 1],
  [8, 3],
])('--jobs %d: %d at the same time', async (jobs, most) => {
  const { directory } = await threeMirrors()
  const { stderr } = await cli(['mirror', '--config', 'mirrors.yml', '--jobs', String(jobs), '--verbose'], directory)
  // As many begin at once as there may be; the next begins when one has ended, and so after the others' next lines.
  const starts = stderr.split('\n').map(line => / mirroring /.test(line))
  expect(starts.indexOf(false)).toBe(most)
  expect(starts.filter(Boolean)).toHaveLength(3)
})
