import type { Kind } from '../../errors/kinds.ts'
import type { SettingsContext } from '../context.ts'
import { hasTrait, type InputName, inputsWith, type RawInputs } from '../inputs.ts'
import type { Remote } from '../settings.ts'

const isEmpty = (text: string | undefined): boolean => (text ?? '').trim() === ''

/** The secrets that a file names and that are not there, each with where it should be. Where an agent logs in, or nobody has to, it is not missed. */
export function missingSecrets(
  raw: RawInputs,
  { namedSecret, run, nameOf }: SettingsContext,
  { here, there }: Readonly<Record<'here' | 'there', Remote | null>>,
): { readonly input: InputName; readonly kind: Kind; readonly text: string }[] {
  const page = run?.secretsPage ? `; secrets are stored at ${run.secretsPage}` : ''
  return inputsWith('secret').flatMap(input => {
    const where = isEmpty(raw[input]) ? namedSecret(input) : null
    const side = hasTrait(input, 'here') ? here : there
    return where === null || side?.url.protocol === 'file' || side?.agentSocket
      ? []
      : [{ input, kind: 'credentials-missing', text: `${nameOf(input)}: is missing: ${where}${page}` }]
  })
}
