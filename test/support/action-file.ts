import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** The parts of action.yml that a runner reads to start a step. */
export interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly default?: unknown } | null>>
  readonly outputs?: Readonly<Record<string, unknown>>
  readonly runs: { readonly main: string; readonly post?: string }
}

// The YAML reader of the package with which workflows are validated.
const yaml = createRequire(join(process.cwd(), 'node_modules/@actions/workflow-parser/package.json'))('yaml') as {
  parse(text: string): unknown
}

export function readActionFile(directory: string): ActionFile {
  return yaml.parse(readFileSync(join(directory, 'action.yml'), 'utf8')) as ActionFile
}

/**
 * The step's inputs as the runner hands them over: the value of the workflow, otherwise the default, or empty.
 * Throws for a name that action.yml does not know (the runner warns), and for an expression other than `github.…`.
 */
export function completeInputs(
  action: ActionFile,
  given: Readonly<Record<string, string>>,
  github: Readonly<Record<string, string>>,
): Record<string, string> {
  for (const name of Object.keys(given)) if (!Object.hasOwn(action.inputs, name)) throw new Error(`action.yml has no input "${name}"`)
  const evaluate = (text: string): string =>
    text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => {
      const value = github[/^\s*github\.(\w+)\s*$/.exec(expression)?.[1] ?? '']
      if (value === undefined) throw new Error(`cannot evaluate "${expression.trim()}" in a default of action.yml`)
      return value
    })
  const complete = Object.entries(action.inputs).map(
    ([name, input]) => [name, given[name] ?? evaluate(String(input?.default ?? ''))] as const,
  )
  return Object.fromEntries(complete)
}
