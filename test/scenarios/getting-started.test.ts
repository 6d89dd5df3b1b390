// docs/getting-started.md, carried out as it stands: only names of the host, the port and the paths are put in.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Account, createAccount } from '../support/account.ts'
import { type Finished, run } from '../support/child-process.ts'
import { commit, createBare, git, gitEnvironment } from '../support/git-repository.ts'
import { differences } from '../support/mirror.ts'
import { record } from '../support/recorded-output.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const PAGE = readFileSync('docs/getting-started.md', 'utf8')
/** What stands below a heading of the page. */
const section = (heading: string): string => PAGE.split(/^## /m).find(text => text.startsWith(`${heading}\n`)) ?? ''
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block)
const commandsOf = (text: string): string[] =>
  blocks(text, 'console').flatMap(block => [...block.matchAll(/^\$ (.*)$/gm)].map(([, line = '']) => line))

let account: Account
let sshd: Sshd
/** Of the new user. */
let home: string
let mirror: string
let project: string
beforeAll(async () => {
  account = await createAccount({ username: 'git' })
  sshd = await startSshd({ account, settings: [`AuthorizedKeysFile ${account.home}/.ssh/authorized_keys`] })
  home = temporaryDirectory()
  mirror = await createBare()
  project = join(home, 'project')
  mkdirSync(project)
  await git(project, ['init', '-q', '-b', 'main'])
  await commit(project, 'main', { files: { 'README.md': 'hello\n' } })
  await git(project, ['tag', 'v1', 'main'])
})
afterAll(async () => sshd?.stop())

const own = (file: string): string => readFileSync(join(home, file), 'utf8')

describe('on a terminal', () => {
  const [name = '', keygen = '', publicKey = '', hostKeys = '', plan = '', mirrorIt = '', ...more] = commandsOf(section('On a terminal'))

  /** Types a command in a shell that has the name of the mirror. */
  async function type(command: string): Promise<Finished> {
    const typed = `${name}\n${command}`
      .replaceAll('git.example.com:2222', `127.0.0.1:${sshd.port}`)
      .replaceAll('/srv/git/project.git', mirror)
    const env = { ...gitEnvironment(), HOME: home, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` }
    const finished = await run('sh', ['-c', typed], { cwd: process.cwd(), env })
    record({ run: typed, text: `${finished.stdout}\n${finished.stderr}`, secrets: [own('mirror_key')] })
    return finished
  }

  test('six commands', () => {
    expect([name, mirrorIt].map(command => command.split(/[ =]/)[0])).toEqual(['TO', 'node'])
    expect(more).toEqual([])
  })

  test('from an empty repository to a mirror', async () => {
    const made = await type(keygen)
    expect(made).toMatchObject({ code: 0, stdout: own('mirror_key.pub') })
    expect(made.stderr).toContain('add it to `~/.ssh/authorized_keys` of "git" at "127.0.0.1"')

    const shown = await type(publicKey)
    expect(own('mirror_key.pub')).toContain(shown.stdout.trim())
    appendFileSync(join(account.home, '.ssh/authorized_keys'), shown.stdout)

    expect((await type(hostKeys)).stderr).toContain('compare the fingerprints with those that the owner of the server gives you')
    expect(own('hosts')).toBe(sshd.knownHosts)

    expect(await type(plan)).toMatchObject({ code: 0, stdout: expect.stringContaining('2 to create') })
    expect(await type(mirrorIt)).toMatchObject({ code: 0, stdout: expect.stringContaining('✅ Updated: 2 created') })
    expect(await differences(project, mirror)).toEqual([])
    expect(await type(mirrorIt)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✅ Up to date/) })
  })

  test('then the host key changes, and the message alone is enough', async () => {
    const fingerprint = async (key: string): Promise<string> =>
      (await run('ssh-keygen', ['-l', '-f', '-'], { cwd: home, env: gitEnvironment(), input: key })).stdout.split(' ')[1] ?? '-'
    const expected = await fingerprint(sshd.hostKeys.ed25519)
    const offered = await fingerprint(await sshd.changeHostKey('ed25519'))
    expect(offered).not.toBe(expected)

    const refused = await type(mirrorIt)
    expect(refused.code).toBe(3)
    expect(refused.stdout).toMatch(/^❌ Failed: Host key changed$/m)
    expect(refused.stdout).toContain(`it offers ssh-ed25519 ${offered}, and not ssh-ed25519 ${expected} (line 1)`)
    expect(refused.stdout).toContain("ask whether the server's key was replaced, and compare the fingerprint with one")
    const [, line = '', pasted = ''] =
      /Otherwise replace line (\d+) of `known-host-keys` with this line:\n +(.*)$/m.exec(refused.stdout) ?? []
    const hosts = own('hosts').split('\n')
    hosts[Number(line) - 1] = pasted
    writeFileSync(join(home, 'hosts'), hosts.join('\n'))
    expect(await type(mirrorIt)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✅ Up to date/) })
  })
})

describe('on GitHub Actions', () => {
  test('the workflow is the one of the README, and a workflow', async () => {
    const [workflow = ''] = blocks(section('On GitHub Actions'), 'yaml')
    const [ours = ''] = blocks(readFileSync('README.md', 'utf8'), 'yaml')
    expect(workflow).toBe(ours.replace(/remote-url: .*/, 'remote-url: ssh://git@git.example.com:2222/srv/git/project.git'))
    const file = join(temporaryDirectory(), 'mirror.yml')
    writeFileSync(file, workflow)
    expect(await run(process.execPath, ['tools/validate.mjs', file], { cwd: process.cwd(), env: gitEnvironment() })).toMatchObject({
      code: 0,
    })
  })

  test('it stores what the terminal made, under the names that the workflow reads', () => {
    const text = section('On GitHub Actions')
    const stored = [...text.matchAll(/^\$ gh (secret|variable) set (\w+) --repo OWNER\/NAME < ~\/(\w+)$/gm)].map(([, ...words]) => words)
    expect(stored).toEqual([
      ['secret', 'MIRROR_SSH_KEY', 'mirror_key'],
      ['variable', 'MIRROR_HOST_KEYS', 'hosts'],
    ])
    for (const [kind, variable] of stored) expect(text).toContain(`\${{ ${kind === 'secret' ? 'secrets' : 'vars'}.${variable} }}`)
  })
})
