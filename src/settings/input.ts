/**
 * What an input is, for everything that treats inputs by kind:
 * - `boolean`: `true` or `false`; as a flag `--NAME`, `--no-NAME` or `--NAME=false`
 * - `list`: several values by line; a flag may be repeated, and a configuration file may have a YAML list
 * - `secret`: never on a command line; from an environment variable or a file, and in a configuration file by the name of a variable
 * - `file`: often long enough for a file; `--NAME-file PATH` exists, as for each secret
 * - `url`: must not hold a password in a configuration file
 * - `here`, `there`: about the repository of the run, or the one at `remote-url`
 * - `repository`: names the repository of its side; on a command line FROM and TO do
 * - `of-step`: what a step does with a whole configuration file, so it cannot stand in one
 * - `of-mirror`: about one pair of repositories, so what a step says does not count for the mirrors of a file
 * - `of-run`: differs from run to run, so where a step says `true`, that counts for every mirror of a file
 * - `schedule`: needs what is kept between the runs of a workflow, so there is no flag
 * - `changes`: how something is changed; without effect where nothing is
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
  | 'of-mirror'
  | 'of-run'
  | 'schedule'
  | 'changes'

/** One input, as in the table of inputs.ts. */
export interface InputDescription {
  readonly name: string
  readonly description: string
  /** As written in action.yml; missing = none. */
  readonly default?: string
  /** The words that it may be; of a list, that each entry may be. */
  readonly choices?: readonly string[]
  readonly traits?: readonly Trait[]
}
