import type { PerSide } from '../../remote/side.ts'
import type { SettingsContext } from '../context.ts'
import { hasTrait, type InputName, inputsWith, type RawInputs } from '../inputs.ts'
import type { Problem } from '../problems.ts'
import type { Remote } from '../settings.ts'
import { isBlank } from '../values.ts'

/** The secrets that a file names and that are missing, each with where it should be. A side with an SSH agent or a local path needs none. */
export function missingSecrets(
  raw: RawInputs,
  { namedSecret, run, nameOf }: SettingsContext,
  { here, there }: PerSide<Remote | null>,
): (Problem & { readonly input: InputName })[] {
  const page = run?.secretsPage ? `; secrets are stored at ${run.secretsPage}` : ''
  return inputsWith('secret').flatMap(input => {
    const where = isBlank(raw[input]) ? namedSecret(input) : null
    const side = hasTrait(input, 'here') ? here : there
    return where === null || side?.url.protocol === 'file' || side?.agentSocket
      ? []
      : [{ input, kind: 'credentials-missing', text: `${nameOf(input)} is missing: ${where}${page}` }]
  })
}
