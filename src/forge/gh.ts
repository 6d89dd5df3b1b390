import { spawn } from 'node:child_process'
import { Failure } from '../errors/failure.ts'

export interface RepositorySecret {
  /** Name of the secret, checked by the caller. */
  readonly name: string
  /** `owner/name`, or `host/owner/name`. */
  readonly repository: string
  readonly value: string
}

/**
 * Stores a secret of a repository with GitHub's own program, which encrypts it on this machine. The value goes through the program's stdin, where no other
 * process sees it; `gh secret set` reads it there when it is given no `--body` (GitHub CLI manual).
 * @param environment of the user: gh finds its login there
 * @param hide takes secrets out of what gh says
 * @throws Failure `secret-not-stored`
 */
export async function storeSecret(
  { name, repository, value }: RepositorySecret,
  environment: NodeJS.ProcessEnv,
  hide: (text: string) => string,
): Promise<void> {
  const { code, words } = await runGh(['secret', 'set', name, '--repo', repository], value, environment)
  if (code === 0) return
  throw new Failure('secret-not-stored', `\`gh\` did not store the secret "${name}" of "${repository}"`, { detail: hide(words) })
}

function runGh(args: readonly string[], input: string, env: NodeJS.ProcessEnv): Promise<{ code: number | null; words: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('gh', [...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
    const words: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => void words.push(data))
    child.on('error', cause => reject(new Failure('secret-not-stored', '`gh`, the program of GitHub, could not be started', { cause })))
    child.on('close', code => resolve({ code, words: Buffer.concat(words).toString('utf8') }))
    // A program that ends without reading says why by its exit code.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}
