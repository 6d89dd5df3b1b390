import { directionIn, rolesOf } from './direction.ts'
import { type CommandLine, parseFlags, type Syntax } from './flags.ts'
import { hasTrait, INPUTS, type InputName } from './inputs.ts'

/** The commands `mirror`, `plan` and `verify` of two URLs: `FROM TO [flags]`. */
export const MIRROR_SYNTAX: Syntax = {
  inputs: INPUTS.map(({ name }) => name).filter(
    name => !hasTrait(name, 'of-step') && !hasTrait(name, 'schedule') && !hasTrait(name, 'repository'),
  ),
  switches: ['json', 'verbose'],
  positional: 2,
}

/** Reads `FROM TO [flags]`; FROM is the source in every direction. Pure. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const line = parseFlags(args, MIRROR_SYNTAX)
  const [from = '', to = ''] = line.positional
  const { source, destination } = urlInputs(line.raw.direction)
  return { ...line, raw: { ...line.raw, [source]: from, [destination]: to } }
}

/** The inputs that FROM and TO stand for. The user's own repository is the source of a push and the destination of a pull. */
export function urlInputs(direction: string | undefined): { readonly source: InputName; readonly destination: InputName } {
  return rolesOf(directionIn(direction)).source === 'there'
    ? { source: 'remote-url', destination: 'repository-url' }
    : { source: 'repository-url', destination: 'remote-url' }
}
