import { Failure } from '../errors/failure.ts'
import type { Kind } from '../errors/kinds.ts'
import type { InputName } from './inputs.ts'

/** What is wrong with an input: its name, the value (never a secret's) and what is allowed. */
export interface Problem {
  readonly text: string
  readonly kind?: Kind
  /** Missing for what was found while the inputs were read. */
  readonly input?: InputName
}

/** All problems as the one failure that a run ends with. */
export function settingsFailure(problems: readonly Problem[], options: { readonly hint?: string } = {}): Failure {
  const [first] = problems
  if (problems.length === 1 && first) return new Failure(first.kind ?? 'settings-invalid', first.text, options)
  return new Failure('settings-invalid', `${problems.length} problems:\n${problems.map(({ text }) => `- ${text}`).join('\n')}`, options)
}

/** The same for problems that are texts alone, such as those of flags. */
export const flagsFailure = (problems: readonly string[], options?: { readonly hint?: string }): Failure =>
  settingsFailure(
    problems.map(text => ({ text })),
    options,
  )
