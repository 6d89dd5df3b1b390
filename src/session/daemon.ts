import { writeFile } from 'node:fs/promises'
import type { GitAccess } from '../git/environment.ts'
import { shellQuote } from '../text/quote.ts'

/** The environment variable that holds the path of the file in which the program leaves its failure. */
export const GIT_PROXY_VARIABLE = 'REPOSITORY_MIRRORING_GIT_PROXY'

/**
 * git itself waits for a silent server of `git://` without end. So it connects through this program, which limits the time. git takes one word for it, thus
 * a script (git(1), `GIT_PROXY_COMMAND`).
 */
export async function daemonAccess(script: string, failureFile: string, program: readonly string[]): Promise<GitAccess> {
  const command = [...program, 'git-proxy'].map(shellQuote).join(' ')
  await writeFile(script, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o700, flag: 'wx' })
  return { protocol: 'git', config: [], variables: { GIT_PROXY_COMMAND: script, [GIT_PROXY_VARIABLE]: failureFile } }
}
