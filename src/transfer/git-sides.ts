import { readAdvertisement } from '../git/remote.ts'
import { runGit } from '../git/run.ts'
import { checkGitVersion } from '../git/version.ts'
import { rolesOf } from '../settings/direction.ts'
import { gitTransfer } from './git-transfer.ts'
import { bothOf, type Sides, type SidesContext } from './sides.ts'

/** Opens both sides with git: reads them by `git ls-remote`, and asks git for its version meanwhile: one that is too old fails in ways that explain nothing. */
export async function openWithGit({ settings, session, host }: SidesContext): Promise<Sides> {
  const roles = rolesOf(settings.direction)
  const [from, to, directory, environment] = await Promise.all([
    session.remote(roles.source),
    session.remote(roles.destination),
    session.directory(),
    session.localEnvironment(),
  ])
  const reading = bothOf(readAdvertisement(from), readAdvertisement(to))
  // Its failure comes second to that of an old git.
  reading.catch(() => {})
  checkGitVersion((await runGit(['version'], { env: environment, cwd: directory })).stdout.toString('utf8'))
  const [source, destination] = await reading
  return {
    source,
    destination,
    transfer: wants =>
      gitTransfer({
        source: from,
        destination: to,
        present: destination.refs,
        directory,
        environment,
        wants,
        defaultBranch: source.head,
        objectFormat: source.objectFormat ?? destination.objectFormat ?? 'sha1',
        atomic: settings.atomic,
        pushOptions: settings.pushOptions,
        say: host.info,
      }),
    close: () => {},
  }
}
