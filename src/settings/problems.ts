import { Failure } from '../errors/failure.ts'
import type { Kind } from '../errors/kinds.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { InputName } from './inputs.ts'
import type { Parsed } from './values.ts'

/** A problem of an input: its name, the value (never that of a secret), and the allowed values. */
export interface Problem {
  readonly text: string
  readonly kind?: Kind | undefined
  /** Undefined for problems that were found while the inputs were read. */
  readonly input?: InputName | undefined
}

/** Takes problems and warnings. */
export interface Notes {
  /** @param predicate words that follow the input's name: `is missing`, `must be …` */
  readonly problem: (input: InputName, predicate: string, kind?: Kind) => void
  /** @param text with a subject of its own, such as `the URL …`; a colon stands between it and the input's name */
  readonly sentence: (input: InputName, text: string) => void
  readonly warn: (text: string) => void
}

export interface Reading extends Notes {
  /** The value of an input. If it is empty or invalid, `otherwise`; an invalid value is reported. */
  readonly read: <T>(input: InputName, parse: (text: string) => Parsed<T>, otherwise: T) => T
  /** The URL in the text of an input; null if it cannot be used, which is reported. */
  readonly url: (input: InputName, text: string) => RemoteUrl | null
}

/** All problems as the one failure that ends a run; those of flags are only texts. */
export function settingsFailure(given: readonly (Problem | string)[], options: { readonly hint?: string } = {}): Failure {
  const problems: readonly Problem[] = given.map(one => (typeof one === 'string' ? { text: one } : one))
  const [first] = problems
  if (problems.length === 1 && first) return new Failure(first.kind ?? 'settings-invalid', first.text, options)
  const texts = problems.map(({ text }) => text)
  const message = [`${texts.length} problems:`, ...texts.map(text => `- ${text}`)].join('\n')
  return new Failure('settings-invalid', message, { ...options, problems: texts })
}
