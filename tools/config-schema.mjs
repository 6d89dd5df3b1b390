// The JSON schema of configuration files (docs/many-mirrors.md), for editors, from the inputs. The program itself checks more, and reports more.
import { MIRROR_NAME, SECRET_VARIABLE } from '../src/settings/config/config.ts'
import { HERE_INPUTS } from '../src/settings/config/config-file.ts'
import { hasTrait, INPUTS } from '../src/settings/inputs.ts'

// In YAML, `true` is a boolean, not text.
const asInYaml = choices => [...choices, ...[true, false].filter(value => choices.includes(String(value)))]

function schemaOf({ name, description, default: value = '', choices }) {
  const text = { description: value === '' || value.startsWith('$') ? description : `${description}. Default: ${value}` }
  if (hasTrait(name, 'secret'))
    return {
      description: `${description}. Give the name of the variable or secret that holds it`,
      type: ['string', 'null'],
      pattern: SECRET_VARIABLE.source,
    }
  if (hasTrait(name, 'boolean')) return { ...text, type: ['boolean', 'null'] }
  if (hasTrait(name, 'list')) {
    const items = choices ? { enum: choices } : { type: ['string', 'number'] }
    return { ...text, anyOf: [{ type: ['string', 'null'] }, { type: 'array', items }] }
  }
  if (choices) return { ...text, enum: [...asInYaml(choices), null] }
  return { ...text, type: ['string', 'number', 'null'] }
}

export function configSchema() {
  const inputs = Object.fromEntries(INPUTS.filter(({ name }) => !hasTrait(name, 'of-step')).map(input => [input.name, schemaOf(input)]))
  const { 'remote-url': url, ...defaults } = inputs
  const name = {
    description: 'Name of the mirror in reports; `--only` and `config-mirror` select by it',
    type: 'string',
    pattern: MIRROR_NAME.source,
  }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'https://github.com/repository-mirroring/repository-mirroring/blob/main/docs/config.schema.json',
    title: 'Mirrors of Repository Mirroring',
    type: 'object',
    additionalProperties: false,
    required: ['mirrors'],
    properties: {
      defaults: {
        description: 'Inputs of every mirror that does not set them itself',
        type: 'object',
        additionalProperties: false,
        properties: defaults,
      },
      mirrors: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['name', 'remote-url'],
          not: { required: HERE_INPUTS },
          properties: { name, 'remote-url': { ...url, type: 'string' }, ...defaults },
        },
      },
    },
  }
}
