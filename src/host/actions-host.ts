import { tmpdir } from 'node:os'
import { debug, error, info, notice, setOutput, setSecret, summary, warning } from '@actions/core'
import { maskIn } from '../credentials/mask.ts'
import { saveStateNow } from './command-files.ts'
import type { Host } from './host.ts'

const ANNOTATE = { error, warning, notice }

type Environment = Readonly<Record<string, string | undefined>>

/** An Actions runner, GitHub's or one that speaks its commands (Gitea, Forgejo, act). */
export function actionsHost(env: Environment): Host {
  const masked: string[] = []
  const hide = (text: string) => maskIn(text, masked)
  return {
    kind: 'actions',
    temporaryDirectory: env['RUNNER_TEMP'] || tmpdir(),
    mask: secrets => {
      masked.push(...secrets)
      for (const secret of secrets) setSecret(secret)
    },
    hide,
    info: message => info(hide(message)),
    debug: message => debug(hide(message)),
    annotate: ({ level, title, message }) => ANNOTATE[level](hide(message), { title: hide(title) }),
    // The runner drops an output that holds a masked value altogether; without the value it arrives.
    output: (name, value) => setOutput(name, hide(value)),
    saveState: (name, value) => saveStateNow(env, name, value),
    // Runners that know no summaries (act, Gitea) name no file for them.
    summary: async markdown => {
      if (env['GITHUB_STEP_SUMMARY']) await summary.addRaw(hide(markdown), true).write()
    },
  }
}
