/**
 * The kinds of inputs, for code that treats inputs by kind:
 * - `boolean`: `true` or `false`; as a flag `--NAME`, `--no-NAME` or `--NAME=false`
 * - `list`: several values, one per line; a flag may be repeated, and a configuration file may have a YAML list
 * - `secret`: never on a command line; from an environment variable or a file, and in a configuration file by the name of a variable
 * - `file`: often long enough for a file; `--NAME-file PATH` exists, as for each secret
 * - `url`: must not hold a password in a configuration file
 * - `here`, `there`: about the repository of the run, or the one at `remote-url`
 * - `repository`: names the repository of its side; on a command line FROM and TO do
 * - `of-step`: about a whole configuration file, so it cannot stand in one
 * - `trust`: decides which servers get a secret, so a file can set it only where the step allows that
 * - `of-mirror`: about one pair of repositories, so the value of a step does not apply to the mirrors of a file
 * - `of-run`: differs from run to run, so `true` in a step applies to every mirror of a file
 * - `schedule`: needs state that is kept between the runs of a workflow, so there is no flag
 * - `changes`: about how refs are changed; without effect in a run that changes nothing
 */
export type Trait =
  | 'boolean'
  | 'list'
  | 'secret'
  | 'file'
  | 'url'
  | 'here'
  | 'there'
  | 'repository'
  | 'of-step'
  | 'trust'
  | 'of-mirror'
  | 'of-run'
  | 'schedule'
  | 'changes'

export interface InputDescription {
  readonly name: string
  readonly description: string
  /** As written in action.yml. */
  readonly default?: string
  /** The allowed values; of a list, the allowed entries. */
  readonly choices?: readonly string[]
  readonly traits?: readonly Trait[]
}
