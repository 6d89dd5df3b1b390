import { AUTH_SCHEMES } from '../credentials/authorization.ts'
import { PRUNE } from '../plan/plan.ts'
import { CONNECTION_INPUTS } from './connection-inputs.ts'
import { DIRECTIONS } from './direction.ts'
import type { InputDescription, Trait } from './input-traits.ts'
import { SCHEDULE_INPUTS } from './schedule-inputs.ts'

/** Everything that a user can set. action.yml, the README's table, `--help`, the flags and the schema of configuration files follow from it. */
const TABLE = [
  {
    name: 'remote-url',
    description:
      'URL of the other repository (the remote): `ssh://`, scp-style `git@host:path`, `https://` or `file://`; a source also `git://`, with `allow-insecure-http`. Required, unless `config` names mirrors',
    traits: ['repository', 'url', 'there', 'of-mirror'],
  },
  {
    name: 'direction',
    description:
      '`push` mirrors the repository of the run to `remote-url`. `pull` mirrors `remote-url` to the repository of the run. `bidirectional` mirrors in both directions',
    default: 'push',
    choices: DIRECTIONS,
  },
  {
    name: 'auth-secret',
    description:
      'Credentials for `remote-url`: a private key or password for an SSH URL, a token or password for an HTTPS URL. The kind is detected from the content. If empty: the SSH agent of `SSH_AUTH_SOCK`, or no authentication',
    traits: ['secret', 'there', 'of-mirror'],
  },
  {
    name: 'username',
    description: 'User name at `remote-url`, if the URL has none. Default: `git` over SSH; over HTTPS, what the forge expects',
    traits: ['of-mirror'],
  },
  {
    name: 'auth-scheme',
    description:
      'How the token in `auth-secret` is sent over HTTPS: `basic` (as the password of `username`) or `bearer` (`Authorization: Bearer`), which some servers require',
    default: 'basic',
    choices: AUTH_SCHEMES,
    traits: ['of-mirror'],
  },
  {
    name: 'ssh-key-passphrase',
    description: 'Passphrase of the SSH private key, if it has one',
    traits: ['secret', 'there', 'of-mirror'],
  },
  {
    name: 'known-host-keys',
    description:
      'Trusted host keys of the SSH server: known_hosts lines, public keys or `SHA256:` fingerprints, one per line. Nothing is sent before one of them matches. Default: the keys that well-known hosts publish',
    traits: ['list', 'file'],
  },
  {
    name: 'branches',
    description: 'Branches to mirror: patterns, separated by commas or line breaks. `*` matches any characters, `!` excludes. Default: all',
    traits: ['list'],
  },
  {
    name: 'tags',
    description: 'Tags to mirror: patterns as for `branches`; `!*` selects none. Default: all',
    traits: ['list'],
  },
  {
    name: 'branch-regex',
    description: 'Mirror only branches that match this regular expression (RE2, unanchored, at most 255 characters) and also `branches`',
  },
  {
    name: 'tag-scope',
    description:
      '`all`, or `reachable`: only tags whose commit a selected branch contains. Default: `reachable` if `branches`, `branch-regex` or `protected-only` narrow the branches and `tags` is empty; otherwise `all`',
    choices: ['all', 'reachable'],
  },
  {
    name: 'protected-only',
    description:
      "Mirror only the protected branches of the repository of the run, read from the forge's API with `token` (GitHub, GitLab, Gitea, Forgejo). If none is protected, nothing is mirrored",
    default: 'false',
    traits: ['boolean'],
  },
  {
    name: 'protected-branches',
    description:
      "With `protected-only`: names of the protected branches, used instead of the forge's API. Separated by commas or line breaks; `*` matches any characters",
    traits: ['list'],
  },
  {
    name: 'keep-divergent',
    description:
      'Keep and report a ref that diverged (the destination has commits that the source lacks) instead of overwriting it. A push then also deletes nothing. Default: `false` for `push`; `true` for `pull` and `bidirectional`',
    traits: ['boolean'],
  },
  {
    name: 'prune',
    description:
      "Delete refs at the destination that the source does not have: `merged` (only those merged into the source's default branch), `all` or `none`. With `bidirectional`: refs that the other side deleted. Default: `merged` for `push`, `none` for `pull`, `all` for `bidirectional`",
    choices: PRUNE,
  },
  {
    name: 'max-deletions',
    description:
      "Stop before any change if more refs than this would be deleted: a number, or a percentage of the destination's refs. Default: 10 or 25 %, whichever is more",
    traits: ['changes'],
  },
  {
    name: 'backup',
    description:
      'Before a ref is overwritten, or deleted without being merged, store its old commit at the destination as `refs/mirroring/backup/<UTC time>/<ref>`. If that fails, the ref is not changed',
    default: 'true',
    traits: ['boolean', 'changes'],
  },
  {
    name: 'backup-days',
    description: 'Remove backups after this number of days; `0` keeps them forever',
    default: '30',
    traits: ['changes'],
  },
  {
    name: 'allow-unrelated',
    description: 'Overwrite and delete refs even if the two sides have unrelated histories (no commit in common)',
    default: 'false',
    traits: ['boolean', 'changes'],
  },
  {
    name: 'atomic',
    description: 'Change all refs or none, in one request',
    default: 'false',
    traits: ['boolean', 'changes'],
  },
  {
    name: 'default-branch',
    description:
      "Default branch (HEAD) of the destination: `no` leaves it, `sync` keeps it that of the source. Works for `file://` and, with a token over HTTPS that may change the repository's settings, at GitHub, GitLab, Gitea and Forgejo",
    default: 'no',
    choices: ['no', 'sync'],
    traits: ['changes'],
  },
  {
    name: 'refs-per-push',
    description:
      'At most so many branches and tags in one push: GitHub starts no workflows for more than three tags at once, GitLab no pipelines for more than four refs. Default: as many as the server takes',
    traits: ['changes'],
  },
  {
    name: 'push-options',
    description:
      "Push options for the destination's server, one per line, e.g. `ci.skip`. With `bidirectional`, only the server of `remote-url` gets them",
    traits: ['list', 'changes'],
  },
  {
    name: 'transfer',
    description:
      'How objects are moved: `relay` streams them from server to server without a clone, `git` fetches and pushes, `auto` uses the relay, or git if the relay cannot do it',
    default: 'auto',
    choices: ['auto', 'relay', 'git'],
  },
  {
    name: 'lfs',
    description:
      'Mirror LFS files before the refs that need them: `true`, `false`, or `auto` (if the repository uses LFS). Needs git-lfs 3 if there are LFS files',
    default: 'auto',
    choices: ['auto', 'true', 'false'],
    traits: ['changes'],
  },
  {
    name: 'lfs-url',
    description: 'LFS endpoint of the repository of the run, `https://` or `ssh://`. Default: what git-lfs derives from its URL',
    traits: ['url', 'here', 'of-mirror', 'changes'],
  },
  {
    name: 'remote-lfs-url',
    description: 'LFS endpoint of the repository at `remote-url`, `https://` or `ssh://`. Default: what git-lfs derives from its URL',
    traits: ['url', 'there', 'of-mirror', 'changes'],
  },
  {
    name: 'lfs-batch-size',
    description: "LFS data on the runner's disk at once, e.g. `500MB` or `2GiB`; at least `1MiB`. A larger file is moved alone",
    default: '2GiB',
    traits: ['changes'],
  },
  {
    name: 'lfs-missing',
    description:
      'LFS objects that the source has lost: `reject` the refs that need them, or `allow`, which mirrors the refs without them and names the objects',
    default: 'reject',
    choices: ['reject', 'allow'],
    traits: ['changes'],
  },
  {
    name: 'dry-run',
    description: 'Plan and report, but change nothing. Default: `false`; `true` for `operation: purge-backups`',
    traits: ['boolean', 'of-run', 'changes'],
  },
  {
    name: 'operation',
    description:
      '`mirror`, or one of these. `purge-backups` lists the backups of the selected branches and tags, and removes them if `dry-run` is `false`. The others change nothing: `verify` compares both sides and reports each difference. `detect-host-keys` shows the SSH host keys of the server of `remote-url`. `show-public-key` shows the public half of the key in `auth-secret`. `list-mirrors` outputs the mirrors of `config` as a matrix. `summarize` combines the reports of the jobs of that matrix',
    default: 'mirror',
    choices: ['mirror', 'verify', 'purge-backups', 'detect-host-keys', 'show-public-key', 'list-mirrors', 'summarize'],
    traits: ['of-step'],
  },
  {
    name: 'config',
    description: 'Path of a YAML file with many mirrors. They run one after another; if one fails, the others still run',
    traits: ['of-step'],
  },
  {
    name: 'config-mirror',
    description: 'With `config`: names of the mirrors to run, separated by commas or line breaks. Default: all',
    traits: ['list', 'of-step'],
  },
  {
    name: 'config-may-set',
    description: 'With `config`: which of these the file may set, although they decide which servers are trusted. Default: none',
    choices: ['allow-insecure-http', 'ca-certificate', 'client-certificate'],
    traits: ['list', 'of-step'],
  },
  {
    name: 'reports',
    description:
      'For `summarize`: directory with one report file `NAME.json` per mirror. A mirror of `config-mirror` without a file is reported as failed',
    traits: ['of-step'],
  },
  {
    name: 'retries',
    description: 'How often to retry after a network error, or after another push changed a ref during the run',
    default: '3',
  },
  {
    name: 'timeout-minutes',
    description: 'Time limit of the whole run, retries included (1–7200). When it is reached, the run stops and reports what was done',
    default: '60',
  },
  {
    name: 'fail-on',
    description:
      'Results that make the step fail, besides an error that ends the run: `rejected`, `diverged`, `any-kept` or `never`. Separated by commas or line breaks',
    default: 'rejected, diverged',
    choices: ['rejected', 'diverged', 'any-kept', 'never'],
    traits: ['list'],
  },
  ...SCHEDULE_INPUTS,
  ...CONNECTION_INPUTS,
] as const satisfies readonly InputDescription[]

export type InputName = (typeof TABLE)[number]['name']

export const INPUTS: readonly (InputDescription & { readonly name: InputName })[] = TABLE

export type ChoiceOf<N extends InputName> = Extract<
  (typeof TABLE)[number],
  { readonly name: N; readonly choices: unknown }
>['choices'][number]

export const choicesOf = <N extends InputName>(name: N) => (findInput(name)?.choices ?? []) as readonly ChoiceOf<N>[]

/** Raw values by input name; empty or missing = default. */
export type RawInputs = Readonly<Partial<Record<InputName, string>>>

export const findInput = (name: string) => INPUTS.find(input => input.name === name)

/** Whether an input has a trait; a name that is no input has none. */
export const hasTrait = (name: string, trait: Trait): boolean => findInput(name)?.traits?.includes(trait) ?? false

export const inputsWith = (trait: Trait): readonly InputName[] => INPUTS.map(({ name }) => name).filter(name => hasTrait(name, trait))
