/** As much of JSON Schema as docs/config.schema.json uses. */
export interface ConfigSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly anyOf?: readonly ConfigSchema[]
  readonly not?: ConfigSchema
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, ConfigSchema>>
  readonly additionalProperties?: boolean
  readonly items?: ConfigSchema
  readonly minItems?: number
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)

/** The parts of a value that break the schema, as `path: keyword`. */
export function schemaProblems(value: unknown, schema: ConfigSchema, at = '$'): string[] {
  const { properties = {}, additionalProperties = true, items, required = [] } = schema
  const broken = [
    schema.type !== undefined && ![schema.type].flat().includes(typeOf(value)) && 'type',
    schema.enum !== undefined && !schema.enum.includes(value) && 'enum',
    schema.pattern !== undefined && typeof value === 'string' && !new RegExp(schema.pattern).test(value) && 'pattern',
    schema.anyOf?.every(branch => schemaProblems(value, branch).length > 0) && 'anyOf',
    schema.not !== undefined && schemaProblems(value, schema.not).length === 0 && 'not',
    schema.minItems !== undefined && Array.isArray(value) && value.length < schema.minItems && 'minItems',
    isObject(value) && required.some(key => !(key in value)) && 'required',
  ].filter(keyword => typeof keyword === 'string')
  const inside = isObject(value)
    ? Object.entries(value).flatMap(([key, item]) => {
        const property = properties[key]
        if (property !== undefined) return schemaProblems(item, property, `${at}.${key}`)
        return additionalProperties ? [] : [`${at}.${key}: unknown`]
      })
    : []
  const each = items !== undefined && Array.isArray(value) ? value.flatMap((item, i) => schemaProblems(item, items, `${at}[${i}]`)) : []
  return [...broken.map(keyword => `${at}: ${keyword}`), ...inside, ...each]
}
