import type { Kind } from '../../errors/kinds.ts'
import { fieldsOf, parseJson } from '../../text/json.ts'
import { hasTrait, type InputName, inputsWith, type RawInputs } from '../inputs.ts'
import type { SettingsContext } from '../remotes.ts'
import type { Remote } from '../settings.ts'
import { SECRET_VARIABLE } from './config.ts'

const SECRETS = inputsWith('secret')

const isEmpty = (text: string | undefined): boolean => (text ?? '').trim() === ''

/** The row of the matrix that a job of the reusable workflow is for, as JSON, with secrets by name: a file names them, and the job alone knows which are missing. */
const ROW = 'REPOSITORY_MIRRORING_ROW'

/** The names of a job's secrets by input; none where the job is for no row of a matrix. */
export function secretNamesIn(env: NodeJS.ProcessEnv): ReadonlyMap<InputName, string> {
  const row = fieldsOf(parseJson(env[ROW] ?? ''))
  const named = SECRETS.map(input => [input, row[input]] as const)
  return new Map(named.flatMap(([input, name]) => (typeof name === 'string' && SECRET_VARIABLE.test(name) ? [[input, name]] : [])))
}

/** The secrets that a file names and that are not there, each with where it should be. Where an agent logs in, or nobody has to, it is not missed. */
export function missingSecrets(
  raw: RawInputs,
  { namedSecret = () => null, secretsPage = null, nameOf }: SettingsContext,
  { here, there }: Readonly<Record<'here' | 'there', Remote | null>>,
): { readonly input: InputName; readonly kind: Kind; readonly text: string }[] {
  const page = secretsPage === null ? '' : `; secrets are stored at ${secretsPage}`
  return SECRETS.flatMap(input => {
    const where = isEmpty(raw[input]) ? namedSecret(input) : null
    const side = hasTrait(input, 'here') ? here : there
    return where === null || side?.url.protocol === 'file' || side?.agentSocket
      ? []
      : [{ input, kind: 'credentials-missing', text: `${nameOf(input)}: is missing: ${where}${page}` }]
  })
}
