// The JSON schema of configuration files (docs/many-mirrors.md), for editors, from the inputs. The program itself checks more, and says more.
import { HERE_INPUTS, LIST_INPUTS, MIRROR_NAME, SECRET_VARIABLE, STEP_ALONE } from '../src/settings/config/config.ts'
import { DIRECTIONS } from '../src/settings/direction.ts'
import { INPUTS } from '../src/settings/inputs.ts'
import { FAIL_ON, LFS, TRANSFERS } from '../src/settings/settings.ts'

// In YAML `lfs: true` is no text.
const WORDS = { direction: DIRECTIONS, transfer: TRANSFERS, prune: ['merged', 'all', 'none'], lfs: [...LFS, true, false] }

function schemaOf({ name, description, default: value, boolean, secret }) {
  const text = { description: value === '' || value.startsWith('$') ? description : `${description}. Default: ${value}` }
  if (secret)
    return {
      description: `${description}. Give the name of the variable or secret that holds it`,
      type: ['string', 'null'],
      pattern: SECRET_VARIABLE.source,
    }
  if (boolean) return { ...text, type: ['boolean', 'null'] }
  if (WORDS[name]) return { ...text, enum: [...WORDS[name], null] }
  if (name === 'fail-on') return { ...text, anyOf: [{ type: ['string', 'null'] }, { type: 'array', items: { enum: [...FAIL_ON] } }] }
  if (LIST_INPUTS.has(name))
    return { ...text, anyOf: [{ type: ['string', 'null'] }, { type: 'array', items: { type: ['string', 'number'] } }] }
  return { ...text, type: ['string', 'number', 'null'] }
}

export function configSchema() {
  const inputs = Object.fromEntries(INPUTS.filter(({ name }) => !STEP_ALONE.has(name)).map(input => [input.name, schemaOf(input)]))
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
