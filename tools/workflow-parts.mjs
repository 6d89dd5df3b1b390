// The parts of the reusable workflow that follow from the inputs and outputs of the action.
import { hasTrait, INPUTS } from '../src/settings/inputs.ts'

const quote = text => JSON.stringify(text)
/** `${{ github.token }}` → `github.token`; null for a default that is plain text, which the action itself uses for an empty input. */
const expressionOf = (text = '') => /^\$\{\{ (.*) \}\}$/.exec(text)?.[1] ?? null
const withDefault = (value, input) => {
  const otherwise = expressionOf(input.default)
  return `\${{ ${value}${otherwise === null ? '' : ` || ${otherwise}`} }}`
}

/** The secret that the file names. If it names none and the input applies to all mirrors: the workflow's secret, otherwise the built-in default. */
function secretOfRow({ name, default: value }) {
  const named = `matrix.${name} && secrets[matrix.${name}]`
  if (hasTrait(name, 'of-mirror')) return `${name}: \${{ ${named} }}`
  return `${name}: \${{ ${named} || !matrix.${name} && (secrets.${name} || ${expressionOf(value)}) || '' }}`
}

// A directory on the runner.
const plain = INPUTS.filter(({ name }) => !hasTrait(name, 'secret') && name !== 'reports')
const secrets = INPUTS.filter(({ name }) => hasTrait(name, 'secret'))

const declared = ({ name, description, default: value = '' }) => [
  `${name}:`,
  `  description: ${quote(value === '' || value.startsWith('$') || description.includes('Default:') ? description : `${description}. Default: ${value}`)}`,
]

/** The outputs of one mirror. A file of the runner is useless to another job. */
const outputsOf = action => Object.entries(action.outputs ?? {}).filter(([name]) => !['report-file', 'matrix'].includes(name))

/** @returns the lines of each part by the name of its markers */
export const workflowParts = action => ({
  // Every input is text: the action treats an empty one as not given, so a missing flag stays missing.
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
    // Inputs that apply to no mirror of a file are refused; for this it is enough to know that they were given.
    ...secrets.filter(({ name }) => hasTrait(name, 'of-mirror')).map(({ name }) => `${name}: \${{ secrets.${name} && '(given)' || '' }}`),
  ],
  'matrix-with': [
    `operation: \${{ inputs.operation }}`,
    ...plain.filter(({ name }) => !hasTrait(name, 'of-step')).map(input => `${input.name}: ${withDefault(`matrix.${input.name}`, input)}`),
    ...secrets.map(secretOfRow),
  ],
})
