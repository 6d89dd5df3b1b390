import { execFileSync } from 'node:child_process'
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runCli, runInTerminal, runMain, type StepResult } from '../support/action-step.ts'
import { withoutMaskCommands } from '../support/command-file.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, createBare, git, installHook } from '../support/git-repository.ts'
import { differences } from '../support/mirror.ts'
import { findSecrets } from '../support/secret-forms.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let sshd: Sshd
let http: GitHttp
beforeAll(async () => {
  sshd = await startSshd()
  http = await startGitHttp()
})
afterAll(async () => {
  await Promise.allSettled([sshd, http].map(async server => await server?.stop()))
})

const BRANCHES = 100
let source: string
beforeAll(async () => {
  source = await createBare()
  const tip = await commit(source, 'main', { files: { a: '1' } })
  const input = Array.from({ length: BRANCHES - 1 }, (_, index) => `create refs/heads/branch-${index} ${tip}\n`).join('')
  await git(source, ['update-ref', '--stdin'], { input })
})

describe.each(['relay', 'git'])("a runner's log, by %s", transfer => {
  const passphrase = 'pa"ss word_<b>'
  const secrets = () => [sshd.privateKey, http.token, passphrase]

  /** From an SSH server to one over HTTPS that says everything that it knows. */
  async function mirrorIn(debug: string): Promise<StepResult> {
    const name = `log-${transfer}-${debug}`
    const there = await http.createRepository(name)
    const words = join(temporaryDirectory(), 'words')
    const login = Buffer.from(`${http.user}:${http.token}`).toString('base64')
    writeFileSync(words, `welcome\n${[http.token, login, passphrase, encodeURIComponent(passphrase)].join('\n')}\n`)
    installHook(there, 'pre-receive', `cat '${words}' >&2`)
    return await runMain(
      {
        ...{ 'repository-url': sshd.url(source), token: sshd.privateKey, 'known-host-keys': sshd.knownHosts, transfer },
        ...{ 'remote-url': http.url(name), username: http.user, 'auth-secret': http.token, 'ca-certificate': http.caPem },
        'ssh-key-passphrase': passphrase,
      },
      { env: { RUNNER_DEBUG: debug } },
    )
  }

  const debugLines = ({ stdout }: StepResult) => stdout.split('\n').flatMap(line => /^::debug::(.*)$/.exec(line)?.[1] ?? [])
  /** What a person sees without debug logging. */
  const usualLines = ({ stdout }: StepResult) => stdout.split('\n').filter(line => !/^::(?:debug|add-mask)::/.test(line))
  const rows = (lines: readonly string[]) => lines.filter(line => / refs\/heads\//.test(line))

  // The report is the same by git.
  if (transfer === 'relay')
    test('is short, and what few people read is folded', async () => {
      const step = await mirrorIn('0')
      expect(step.code).toBe(0)
      expect(debugLines(step)).toEqual([])
      const lines = usualLines(step)
      const [open, close] = [lines.findIndex(line => line.startsWith('::group::')), lines.indexOf('::endgroup::')]
      expect(lines.filter(line => /^::/.test(line))).toEqual([lines[open], '::endgroup::'])
      expect(rows(lines)).toHaveLength(50)
      expect(rows(lines.slice(open, close))).toHaveLength(25)
      expect(lines.slice(open, close).at(-1)).toBe('  and 50 more')
      expect(lines.length - (close - open)).toBeLessThan(40)
      expect(findSecrets(withoutMaskCommands(step.log), secrets())).toEqual([])
    })

  test('under RUNNER_DEBUG leaves nothing out but secrets', async () => {
    const step = await mirrorIn('1')
    expect(step.code).toBe(0)
    expect(rows(usualLines(step))).toHaveLength(BRANCHES)
    expect(usualLines(step)).not.toContainEqual(expect.stringMatching(/^ {2}and \d+ more$/))
    const said = debugLines(step)
    const all = [
      /^there: .*welcome/,
      /^there: .*\*\*\*/,
      /^here: .* shows the host key .* SHA256:\S+: trusted/,
      /^here: logged in at .* by key/,
    ]
    const ofGit = [/^here: git fetch .* ended with 0 after/, /^there: git push .* ended with 0 after/]
    const ofRelay = [/^there: GET https:.*: 200$/, /^there: POST https:.*git-receive-pack.*: 200$/]
    for (const words of [...all, ...(transfer === 'git' ? ofGit : ofRelay)]) expect(said).toContainEqual(expect.stringMatching(words))
    expect(findSecrets(withoutMaskCommands(step.log), secrets())).toEqual([])
    expect(step.leaks).toEqual([])
  })
})

describe('on the way', () => {
  /** A mirror by git that is held up at the destination, and goes on as soon as the output shows some words. */
  async function held(words: RegExp) {
    const destination = await createBare()
    const gate = join(temporaryDirectory(), 'gate')
    execFileSync('mkfifo', [gate])
    installHook(destination, 'pre-receive', `read -r _ < '${gate}'`)
    let isOpen = false
    const watch = (log: string) => {
      if (isOpen || !words.test(log)) return
      isOpen = true
      // For both, because a writer alone would wait for a reader.
      const descriptor = openSync(gate, 'r+')
      writeSync(descriptor, '\n')
      closeSync(descriptor)
    }
    return { destination, watch, args: ['mirror', source, destination, '--transfer', 'git'] }
  }

  const MOVING = '\r\u001b[K'
  const LINE = /^git push has taken \d+\.\d s so far\r?$/m

  test('a terminal shows a bar that goes again, and colours', async () => {
    const { destination, watch, args } = await held(/\[ *=+ *\] git push has taken/)
    const { code, log } = await runInTerminal(args, { columns: 80, env: { TERM: 'xterm-256color' }, watch })
    expect(code).toBe(0)
    expect(log).toContain(`${MOVING}[`)
    // Of the bar nothing is left when the report comes.
    expect(log.slice(log.lastIndexOf(MOVING))).not.toContain('git push has taken')
    expect(log).toContain('\u001b[32m')
    expect(await differences(source, destination)).toEqual([])
  })

  test('where nothing may move there is a line now and then, and no colour', async () => {
    const [runner, pipe, noColour, dumb] = await Promise.all([held(LINE), held(LINE), held(LINE), held(LINE)])
    const inTerminal = (env: Record<string, string>, { args, watch }: typeof dumb) => runInTerminal(args, { columns: 80, env, watch })
    const inputs = { 'repository-url': source, 'remote-url': runner.destination, transfer: 'git' }
    const runs = await Promise.all([
      runMain(inputs, { watch: runner.watch }),
      runCli(pipe.args, { watch: pipe.watch }),
      inTerminal({ TERM: 'xterm-256color', NO_COLOR: '1' }, noColour),
      inTerminal({ TERM: 'dumb' }, dumb),
    ])
    for (const { code, log } of runs) {
      expect(log).toMatch(LINE)
      expect(log).not.toContain('\u001b')
      expect(log).not.toMatch(/[^\r]\r(?!\n)/)
      expect(code).toBe(0)
    }
  })

  test('a terminal that does not tell its width cuts no reason', async () => {
    const [destination, reason] = [await createBare(), 'a reason of more than twenty characters']
    installHook(destination, 'update', `echo '${reason}' >&2; exit 1`)
    const args = ['mirror', source, destination, '--branches', 'main']
    const of = async (columns: number) => (await runInTerminal(args, { columns })).log.replaceAll('\u001b', '')
    expect(await of(0)).not.toContain('…')
    expect(await of(60)).toContain('…')
  })
})
