import { realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

export interface Options {
  /** Empty: all. */
  readonly groups: readonly string[]
  readonly quick: boolean
  readonly profile: boolean
  readonly runs: number | null
  readonly transfer: string
  readonly cache: string
  /** File for the result as JSON, in addition to the table. */
  readonly json: string | null
}

export const usage = (groups: readonly string[]): string => `npm run bench -- [GROUP…] [flags]

Groups: ${groups.join(' ')}
Flags:
  --quick          small repositories, one run each: does it work at all?
  --runs N         how often a short command is run; odd. Default: 5
  --transfer NAME  relay, git or auto. Default: relay
  --cache DIR      where the repositories are kept. Default: in the system's directory for temporary files
  --json FILE      writes the result as JSON, too
  --profile        no measurement: shows what a run without changes does, and when
`

/** Throws for an unknown argument. */
export function readOptions(args: readonly string[], groups: readonly string[]): Options | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
      runs: { type: 'string' },
      transfer: { type: 'string', default: 'relay' },
      cache: { type: 'string', default: join(realpathSync(tmpdir()), 'repository-mirroring-bench') },
      json: { type: 'string' },
    },
  })
  if (values.help) return null
  const unknown = positionals.filter(name => !groups.includes(name))
  if (unknown.length > 0) throw new Error(`no group "${unknown.join('", "')}"; there are ${groups.join(', ')}`)
  if (values.runs !== undefined && !/^\d*[13579]$/.test(values.runs)) throw new Error(`--runs must be an odd number, not "${values.runs}"`)
  if (!['relay', 'git', 'auto'].includes(values.transfer))
    throw new Error(`--transfer must be relay, git or auto, not "${values.transfer}"`)
  return {
    groups: positionals,
    quick: values.quick,
    profile: values.profile,
    runs: values.runs === undefined ? null : Number(values.runs),
    transfer: values.transfer,
    cache: resolve(values.cache),
    json: values.json === undefined ? null : resolve(values.json),
  }
}
