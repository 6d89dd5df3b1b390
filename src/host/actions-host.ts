import { tmpdir } from 'node:os'
import { maskIn } from '../text/redact.ts'
import { saveStateNow } from './command-files.ts'
import type { Host } from './host.ts'
import { atMostEvery } from './pace.ts'

/** A log keeps every line. */
const PROGRESS_MS = 10_000

/**
 * An Actions runner of GitHub, or a compatible one (Gitea, Forgejo, act). Its toolkit takes longer to load than many a run takes, so it is only loaded
 * to publish something; masks and lines of the log are plain text on stdout.
 * @param print takes text for the runner
 */
export function actionsHost(env: NodeJS.ProcessEnv, print: (text: string) => unknown): Host {
  const masked: string[] = []
  const hide = (text: string) => maskIn(text, masked)
  const toolkit = () => import('@actions/core')
  const info = (message: string) => void print(`${hide(message)}\n`)
  const pace = atMostEvery(PROGRESS_MS)
  // GitHub docs, "Variables reference".
  const verbose = env['RUNNER_DEBUG'] === '1'
  return {
    kind: 'actions',
    verbose,
    temporaryDirectory: env['RUNNER_TEMP'] || tmpdir(),
    mask: given => {
      const secrets = given.filter(secret => !masked.includes(secret))
      masked.push(...secrets)
      // The runner would mask each line of a longer text, even short ones and those of a public half. Secret lines are among the forms anyway.
      for (const secret of secrets) if (!/[\r\n]/.test(secret)) print(`::add-mask::${escapeData(secret)}\n`)
    },
    hide,
    info,
    // The runner would drop the lines unless it was asked for them, but only after they went through a pipe and its memory.
    debug: message => {
      if (verbose) print(`::debug::${escapeData(hide(message))}\n`)
    },
    progress: describe => {
      if (describe !== null && pace()) info(describe())
    },
    annotate: async ({ level, title, message }) => (await toolkit())[level](hide(message), { title: hide(title) }),
    // The runner drops an output that contains a masked value.
    output: async (name, value) => (await toolkit()).setOutput(name, hide(value)),
    saveState: (name, value) => saveStateNow(env, name, value),
    // Runners without summaries (act, Gitea) do not set this variable.
    summary: async markdown => {
      if (env['GITHUB_STEP_SUMMARY']) await (await toolkit()).summary.addRaw(hide(markdown), true).write()
    },
  }
}

/** The text of a command on one line (the toolkit's escapeData). */
const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
