import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../errors/failure.ts'
import { gitEnvironment } from '../git/environment.ts'
import { serveRepository } from '../git/process.ts'
import { runLocalGit } from '../git/run.ts'
import { listenForInterruption } from '../host/interruption.ts'
import { runtimeOf } from '../host/runtime.ts'
import type { Report, Status } from '../report/report.ts'
import { renderText } from '../report/text.ts'
import { mirror } from '../run/mirror.ts'
import { settingsContext } from '../settings/context.ts'
import { parseFlags } from '../settings/flags.ts'
import { parseSettings } from '../settings/parse-settings.ts'
import { settingsFailure } from '../settings/problems.ts'
import { type DemoServer, startDemoServer } from '../ssh/server.ts'
import { lookOf, say, type Terminal } from './terminal.ts'

const HELP =
  'Shows a mirror at work: starts an SSH git server inside this process, and mirrors the repository of this directory to it.\nThen changes a copy, mirrors again, and shows a wrong host key being refused. Does not change your repository.\n'

/**
 * Shows a first mirror, an update, a run with nothing to do, and a wrong host key, with a temporary SSH server in this process.
 * Only reads the user's repository. Resolves with the exit code.
 */
export async function demoCommand(args: readonly string[], { env, program, host }: Terminal): Promise<number> {
  const { switches, problems } = parseFlags(args, { inputs: [], positional: 0 })
  if (switches.has('help')) return say(HELP)
  if (problems.length > 0) throw settingsFailure(problems)
  const interrupted = listenForInterruption()
  const runtime = runtimeOf(env, program, interrupted)
  const scratch = await realpath(await mkdtemp(join(host.temporaryDirectory, 'repository-mirroring-demo-')))
  // The post step removes it if the demo is interrupted.
  host.saveState('scratch', scratch)
  let server: DemoServer | null = null
  try {
    const work = await workshop(scratch, env, interrupted)
    await work.git(scratch, 'init', '--quiet', '--bare', '--initial-branch=main', 'mirror.git')
    server = await startDemoServer({
      serve: (service, path, protocol) => serveRepository(service, localPath(path), work.environment(protocol)),
    })
    const { hostKeyLine, userPrivateKey, port } = server
    const url = `ssh://git@127.0.0.1:${port}${urlPath(join(scratch, 'mirror.git'))}`
    const show = async (title: string, from: string, knownHostKeys: string, expected: readonly Status[]): Promise<Report> => {
      say(`\n── ${title}\n`)
      const settings = parseSettings(
        { 'repository-url': from, 'remote-url': url, 'auth-secret': userPrivateKey, 'known-host-keys': knownHostKeys, retries: '0' },
        settingsContext(env, null, input => input),
      )
      const report = await mirror(settings, { ...host, info: () => {}, progress: () => {} }, runtime)
      interrupted.throwIfAborted()
      say(`${renderText(report, { colour: lookOf(env).colour })}\n`)
      if (!expected.includes(report.status))
        throw new Failure('internal', `the demo expected ${expected.join(' or ')}, got ${report.status}`)
      return report
    }

    say(`A temporary SSH git server listens at 127.0.0.1:${port}; its host key is pinned:\n${hostKeyLine}\n`)
    const { source, description } = await work.chooseSource(process.cwd())
    await show(`1. First mirror of ${description}`, source, hostKeyLine, ['updated', 'up-to-date'])
    const copy = await work.copy(source)
    await work.develop(copy)
    await show('2. In a copy: a commit, a branch, a tag and a branch to be merged', copy, hostKeyLine, ['updated'])
    await work.finish(copy)
    await show('3. The tag is moved, the branch merged and deleted', copy, hostKeyLine, ['updated'])
    await show('4. Once more: nothing to do', copy, hostKeyLine, ['up-to-date'])
    const refused = await show('5. Another server answers: its host key is not the pinned one', copy, server.otherHostKeyLine, ['failed'])
    if (refused.failure?.fault !== 'host-key') throw new Failure('internal', 'the demo expected the wrong host key to be refused')
    say('\nDone. Server, mirror and copy are removed; your repository was only read.\n')
    return 0
  } catch (error) {
    const failure = Failure.from(error)
    say(`\nthe demo failed: ${failure.message}\n${failure.detail ?? ''}\n`)
    return failure.fault === 'bug' ? 70 : 1
  } finally {
    await server?.close()
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** A path in a URL: `C:\x` becomes `/C:/x`. */
const urlPath = (path: string): string => path.replaceAll('\\', '/').replace(/^(?=[A-Za-z]:)/, '/')

/** The reverse. */
const localPath = (path: string): string => path.replace(/^\/(?=[A-Za-z]:)/, '')

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Demo',
  GIT_AUTHOR_EMAIL: 'demo@example.com',
  GIT_COMMITTER_NAME: 'Demo',
  GIT_COMMITTER_EMAIL: 'demo@example.com',
}

/** The demo's own git commands, all in the scratch directory. */
async function workshop(scratch: string, inherited: NodeJS.ProcessEnv, signal: AbortSignal) {
  const home = join(scratch, 'home')
  await mkdir(home)
  const environment = (protocol: string | null) => {
    const variables = protocol === null ? IDENTITY : { ...IDENTITY, GIT_PROTOCOL: protocol }
    return gitEnvironment(inherited, home, { protocol: 'file', config: [['receive.denyDeletes', 'false']], variables })
  }
  const git = async (cwd: string, ...args: string[]): Promise<string> => {
    const result = await runLocalGit(args, { env: environment(null), cwd, signal })
    if (result.exitCode !== 0) throw new Failure('remote-error', `"${result.command}" failed`, { detail: result.stderr })
    return result.stdout.toString('utf8').trim()
  }
  const commit = async (repository: string, branch: string, message: string, ...parents: string[]) => {
    const tree = await git(repository, 'rev-parse', `${parents[0]}^{tree}`)
    const oid = await git(repository, 'commit-tree', tree, '-m', message, ...parents.flatMap(parent => ['-p', parent]))
    await git(repository, 'update-ref', `refs/heads/${branch}`, oid)
  }
  const defaultBranch = async (repository: string) => (await git(repository, 'symbolic-ref', 'HEAD')).replace('refs/heads/', '')

  return {
    git,
    environment,
    /** The repository of the current directory; a small new one if there is none, or only a shallow clone. */
    chooseSource: async (directory: string): Promise<{ source: string; description: string }> => {
      const found = await git(directory, 'rev-parse', '--absolute-git-dir', '--is-shallow-repository').catch(() => '')
      const [gitDirectory, shallow] = found.split('\n')
      const branch = gitDirectory && (await git(directory, 'for-each-ref', '--count=1', 'refs/heads'))
      if (gitDirectory && shallow === 'false' && branch) return { source: gitDirectory, description: `the repository in ${directory}` }
      const source = join(scratch, 'new.git')
      await git(scratch, 'init', '--quiet', '--bare', '--initial-branch=main', source)
      const { stdout: tree } = await runLocalGit(['mktree'], { env: environment(null), cwd: source, signal })
      const first = await git(source, 'commit-tree', tree.toString('utf8').trim(), '-m', 'First commit')
      await git(source, 'update-ref', 'refs/heads/main', first)
      return { source, description: `a new repository (${shallow === 'true' ? 'the one here is a shallow clone' : 'there is none here'})` }
    },
    copy: async (source: string): Promise<string> => {
      const copy = join(scratch, 'copy.git')
      await git(scratch, 'clone', '--quiet', '--mirror', `file://${urlPath(source)}`, copy)
      const branch = await git(copy, 'symbolic-ref', '--quiet', 'HEAD').catch(() => '')
      if (branch === '')
        await git(copy, 'symbolic-ref', 'HEAD', await git(copy, 'for-each-ref', '--count=1', '--format=%(refname)', 'refs/heads'))
      return copy
    },
    develop: async (copy: string) => {
      const branch = await defaultBranch(copy)
      await commit(copy, branch, 'Demo: a commit', branch)
      await commit(copy, 'mirroring-demo/feature', 'Demo: work on a feature', branch)
      await commit(copy, 'mirroring-demo/merged-soon', 'Demo: work that is merged soon', branch)
      await git(copy, 'tag', 'mirroring-demo-tag', branch)
    },
    finish: async (copy: string) => {
      const branch = await defaultBranch(copy)
      await commit(copy, branch, 'Demo: merge', branch, 'mirroring-demo/merged-soon')
      await git(copy, 'branch', '--quiet', '-D', 'mirroring-demo/merged-soon')
      await git(copy, 'tag', '--force', 'mirroring-demo-tag', branch)
    },
  }
}
