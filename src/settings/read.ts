import { secretForms } from '../credentials/mask.ts'
import { USUAL_USERNAMES } from '../credentials/usernames.ts'
import { INPUTS, inputsWith, type RawInputs } from './inputs.ts'

/** The inputs of a step, as the runner hands them over: `INPUT_` and the name in capitals, hyphens kept (GitHub docs, "Metadata syntax"). */
export function readActionInputs(env: NodeJS.ProcessEnv): RawInputs {
  return Object.fromEntries(INPUTS.map(({ name }) => [name, env[`INPUT_${name.toUpperCase()}`] ?? '']))
}

/** Every form in which a secret of the inputs could be printed, to be masked before anything else is done. */
export const secretFormsOf = (raw: RawInputs): string[] => secretsOf(raw).flatMap(secret => secretForms(secret, usersOf(raw)))

const secretsOf = (raw: RawInputs): string[] =>
  inputsWith('secret')
    .map(name => raw[name] ?? '')
    .filter(value => value.trim() !== '')

/** User names that may stand before a secret in HTTP's Basic scheme, so that each pair can be masked before anything is read further. */
const usersOf = (raw: RawInputs): string[] => [...USUAL_USERNAMES, 'git', ...(raw.username?.trim() ? [raw.username.trim()] : [])]

/**
 * Whether a token is the one that the runner made for the run. GitHub's begin with `ghs_`. Those of Gitea and Forgejo look like any other; their runners
 * also name it in the environment, and where they do not, each token may be the one.
 */
export function isTokenOfRun(token: string, env: NodeJS.ProcessEnv): boolean {
  const named = [env['GITEA_TOKEN'], env['FORGEJO_TOKEN'], env['GITHUB_TOKEN']].filter(value => value !== undefined && value !== '')
  if (token.startsWith('ghs_') || named.includes(token)) return true
  return (env['GITEA_ACTIONS'] === 'true' || env['FORGEJO_ACTIONS'] === 'true') && named.length === 0
}
