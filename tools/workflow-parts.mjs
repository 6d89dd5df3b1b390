// The parts of the reusable workflow that follow from the inputs and outputs of the action.
import { hasTrait, INPUTS } from '../src/settings/inputs.ts'

const quote = text => JSON.stringify(text)
/** `${{ github.token }}` → `github.token`; null for a default that is a plain text, which the action gives where it finds nothing. */
const expressionOf = (text = '') => /^\$\{\{ (.*) \}\}$/.exec(text)?.[1] ?? null
const withDefault = (value, input) => {
  const otherwise = expressionOf(input.default)
  return `\${{ ${value}${otherwise === null ? '' : ` || ${otherwise}`} }}`
}

/** The secret that the file names; where it names none, what belongs to all mirrors: the secret of the workflow, else the built-in default. */
function secretOfRow({ name, default: value }) {
  const named = `matrix.${name} && secrets[matrix.${name}]`
  if (hasTrait(name, 'of-mirror')) return `${name}: \${{ ${named} }}`
  return `${name}: \${{ ${named} || !matrix.${name} && (secrets.${name} || ${expressionOf(value)}) || '' }}`
}

// A directory of the runner's.
const plain = INPUTS.filter(({ name }) => !hasTrait(name, 'secret') && name !== 'reports')
const secrets = INPUTS.filter(({ name }) => hasTrait(name, 'secret'))

const declared = ({ name, description, default: value = '' }) => [
  `${name}:`,
  `  description: ${quote(value === '' || value.startsWith('$') || description.includes('Default:') ? description : `${description}. Default: ${value}`)}`,
]

/** Those of one mirror; a file of the runner means nothing to another job. */
const outputsOf = action => Object.entries(action.outputs ?? {}).filter(([name]) => !['report-file', 'matrix'].includes(name))

/** @returns the lines of each part by the name of its markers */
export const workflowParts = action => ({
  // A text for each: empty is what the action takes for nothing, and a flag that was not given stays one.
  inputs: plain.flatMap(input => [...declared(input), '  type: string', '  required: false']),
  secrets: secrets.flatMap(input => [...declared(input), '  required: false']),
  outputs: outputsOf(action).flatMap(([name, { description }]) => [
    `${name}:`,
    `  description: ${quote(description)}`,
    `  value: \${{ jobs.mirror.outputs.${name} || jobs.summary.outputs.${name} }}`,
  ]),
  'job-outputs': outputsOf(action).map(([name]) => `${name}: \${{ steps.mirror.outputs.${name} }}`),
  'summary-outputs': outputsOf(action).map(([name]) => `${name}: \${{ steps.summary.outputs.${name} }}`),
  with: [
    ...plain.filter(({ name }) => !name.startsWith('config')).map(input => `${input.name}: ${withDefault(`inputs.${input.name}`, input)}`),
    ...secrets.map(input => `${input.name}: ${withDefault(`secrets.${input.name}`, input)}`),
  ],
  'list-with': [
    ...plain.filter(({ name }) => name !== 'operation').map(input => `${input.name}: ${withDefault(`inputs.${input.name}`, input)}`),
    // What counts for no mirror of a file is told; for that it is enough to know that it was given.
    ...secrets.filter(({ name }) => hasTrait(name, 'of-mirror')).map(({ name }) => `${name}: \${{ secrets.${name} && '(given)' || '' }}`),
  ],
  'matrix-with': [
    `operation: \${{ inputs.operation }}`,
    ...plain.filter(({ name }) => !hasTrait(name, 'of-step')).map(input => `${input.name}: ${withDefault(`matrix.${input.name}`, input)}`),
    ...secrets.map(secretOfRow),
  ],
})
