import { fieldsOf, parseJson } from '../text/json.ts'
import { SECRET_VARIABLE } from './config/config.ts'
import { type InputName, inputsWith } from './inputs.ts'

/** The row of the matrix that a job of the reusable workflow is for, as JSON, with secrets by name: a file names them, and the job alone knows which are missing. */
const ROW = 'REPOSITORY_MIRRORING_ROW'

/** The names of a job's secrets by input; none where the job is for no row of a matrix. */
export function secretNamesIn(env: NodeJS.ProcessEnv): ReadonlyMap<InputName, string> {
  const row = fieldsOf(parseJson(env[ROW] ?? ''))
  const named = inputsWith('secret').map(input => [input, row[input]] as const)
  return new Map(named.flatMap(([input, name]) => (typeof name === 'string' && SECRET_VARIABLE.test(name) ? [[input, name]] : [])))
}
