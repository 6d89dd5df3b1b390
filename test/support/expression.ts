// Expressions of workflows, by GitHub's own evaluator.
import { data, Evaluator, Lexer, Parser } from '@actions/expressions'
import { truthy } from '@actions/expressions/result'

/** `github`, `inputs`, `job` … by name; what one does not have is null, as in a run. */
export type Contexts = Readonly<Record<string, unknown>>

/** How the steps, or the jobs that are needed, have ended so far. */
export type Ending = 'success' | 'failure'

const STATUS = /\b(?:success|failure|cancelled|always)\s*\(/

/** @throws where the expression is none, or names a context that is not given */
function evaluate(expression: string, contexts: Contexts, ending: Ending = 'success'): data.ExpressionData {
  const statusFunction = (name: string, holds: boolean) =>
    [name, { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(holds) }] as const
  const functions = new Map([
    statusFunction('success', ending === 'success'),
    statusFunction('failure', ending === 'failure'),
    statusFunction('always', true),
    statusFunction('cancelled', false),
  ])
  const { tokens } = new Lexer(expression).lex()
  const tree = new Parser(tokens, Object.keys(contexts), [...functions.values()]).parse()
  const values = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary
  return new Evaluator(tree, values, functions).evaluate()
}

/** A text with expressions in it, as a runner fills it in. */
export const fillIn = (text: string, contexts: Contexts): string =>
  text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => evaluate(expression, contexts).coerceString())

/** Whether an `if` lets its job or step run. Without a status function it is true only while nothing has failed (GitHub docs, "success"). */
export function holds(condition: string | undefined, contexts: Contexts, ending: Ending = 'success'): boolean {
  const [, inner = condition ?? 'success()'] = /^\$\{\{(.*)\}\}$/s.exec(condition ?? '') ?? []
  const whole = STATUS.test(inner) ? inner : `success() && (${inner})`
  return truthy(evaluate(whole, contexts, ending))
}
