import { tmpdir } from 'node:os'
import { maskIn } from '../text/mask.ts'
import { saveStateNow } from './command-files.ts'
import type { Host } from './host.ts'
import { atMostEvery } from './pace.ts'

/** A log keeps every line. */
const PROGRESS_MS = 10_000

/**
 * An Actions runner, GitHub's or one that speaks its commands (Gitea, Forgejo, act).
 * The runner's toolkit takes longer to load than many a run takes; it is loaded when there is something to publish, while all that comes before
 * (masks, lines of the log) is plain text on stdout.
 * @param print takes what the runner shall read
 */
export function actionsHost(env: NodeJS.ProcessEnv, print: (text: string) => unknown): Host {
  const masked: string[] = []
  const hide = (text: string) => maskIn(text, masked)
  const toolkit = () => import('@actions/core')
  const info = (message: string) => void print(`${hide(message)}\n`)
  const pace = atMostEvery(PROGRESS_MS)
  return {
    kind: 'actions',
    // Set by the runner with its debug logging (GitHub docs, "Variables reference").
    verbose: env['RUNNER_DEBUG'] === '1',
    temporaryDirectory: env['RUNNER_TEMP'] || tmpdir(),
    mask: given => {
      const secrets = given.filter(secret => !masked.includes(secret))
      masked.push(...secrets)
      // Of a text with several lines the runner masks each one, however short, and those of a private key that stand in its public half, too. The lines that
      // are secret are forms of their own.
      for (const secret of secrets) if (!/[\r\n]/.test(secret)) print(`::add-mask::${escapeData(secret)}\n`)
    },
    hide,
    info,
    debug: message => void print(`::debug::${escapeData(hide(message))}\n`),
    progress: describe => {
      if (describe !== null && pace()) info(describe())
    },
    annotate: async ({ level, title, message }) => (await toolkit())[level](hide(message), { title: hide(title) }),
    // The runner drops an output that holds a masked value altogether; without the value it arrives.
    output: async (name, value) => (await toolkit()).setOutput(name, hide(value)),
    saveState: (name, value) => saveStateNow(env, name, value),
    // Runners that know no summaries (act, Gitea) name no file for them.
    summary: async markdown => {
      if (env['GITHUB_STEP_SUMMARY']) await (await toolkit()).summary.addRaw(hide(markdown), true).write()
    },
  }
}

/** The text of a command on one line (the toolkit's escapeData). */
const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
