/** What a user may set, in one place: action.yml, the README's table, `--help` and the reading of flags all follow this list (a test compares). */
export interface InputDescription {
  readonly name: string
  readonly description: string
  /** As written in action.yml; empty = none. */
  readonly default: string
  /** Never on a command line: from an environment variable or a file. */
  readonly secret?: true
  /** On the command line given by FROM and TO, or of no meaning there. */
  readonly actionOnly?: true
  /** A flag that may stand without a value. */
  readonly boolean?: true
}

export const INPUTS = [
  {
    name: 'remote-url',
    description:
      'URL of the other repository: `ssh://`, scp-style `git@host:path`, `https://` or `file://`. Required, unless `config` names mirrors',
    default: '',
    actionOnly: true,
  },
  {
    name: 'direction',
    description:
      '`push`: the repository of the run goes to `remote-url`; `pull`: what is at `remote-url` comes into the repository of the run; `bidirectional`: both ways',
    default: 'push',
  },
  {
    name: 'auth-secret',
    description:
      'SSH private key or password for an ssh URL, token or password for an https URL; told apart by content. Empty: the SSH agent of `SSH_AUTH_SOCK`, or nobody',
    default: '',
    secret: true,
  },
  {
    name: 'username',
    description:
      'User name at `remote-url`, where that names none. Default: `git` over SSH; over HTTPS what the forge expects next to a token',
    default: '',
  },
  {
    name: 'ssh-key-passphrase',
    description: 'Passphrase of the SSH private key, if it has one',
    default: '',
    secret: true,
  },
  {
    name: 'known-host-keys',
    description:
      'How to know the SSH server: known_hosts lines, public keys or `SHA256:` fingerprints, one per line. One of them must match before anything is sent. Default: the keys that well-known providers publish',
    default: '',
  },
  {
    name: 'branches',
    description: 'Branches to mirror: patterns, by line or comma; `*` is any characters, `!` excludes. Default: all',
    default: '',
  },
  {
    name: 'tags',
    description: 'Tags to mirror: patterns as for `branches`; `!*` for none. Default: all',
    default: '',
  },
  {
    name: 'branch-regex',
    description: 'Mirror only branches that match this regular expression (RE2, unanchored, up to 255 characters), as well as `branches`',
    default: '',
  },
  {
    name: 'protected-only',
    description:
      'Mirror only the protected branches of the repository of the run, which its forge is asked for with `token` (GitHub, GitLab, Gitea, Forgejo). Where there are none, nothing is mirrored',
    default: 'false',
    boolean: true,
  },
  {
    name: 'protected-branches',
    description:
      'With `protected-only`: names of the protected branches, by line or comma, `*` is any characters, instead of asking the forge',
    default: '',
  },
  {
    name: 'keep-divergent',
    description:
      'Leave refs alone that diverged at the destination, and report them, instead of overwriting them; in a push, delete nothing either. Default: `false`; in a pull and both ways `true`',
    default: '',
    boolean: true,
  },
  {
    name: 'prune',
    description:
      'Which refs to delete that are only at the destination (both ways: that the other side deleted): `merged` (into the default branch of the source), `all`, `none`. Default: `merged`; in a pull `none`, both ways `all`',
    default: '',
  },
  {
    name: 'max-deletions',
    description:
      "Refuse to delete more refs than this: a number, or a percentage of the destination's refs. Default: 10 or 25 %, whichever is more",
    default: '',
  },
  {
    name: 'backup',
    description:
      'Before a ref is overwritten, or deleted without having been merged, store its old tip at the destination as `refs/mirroring/backup/<UTC time>/<ref>`. What cannot be stored is not overwritten',
    default: 'true',
    boolean: true,
  },
  {
    name: 'backup-days',
    description: 'Remove such backups after so many days; 0 = never',
    default: '30',
  },
  {
    name: 'allow-unrelated',
    description: 'Overwrite and delete even where the destination has no commit in common with the source',
    default: 'false',
    boolean: true,
  },
  {
    name: 'atomic',
    description: 'Change all refs or none, in one request',
    default: 'false',
    boolean: true,
  },
  {
    name: 'push-options',
    description: 'Push options for the server of the destination (both ways: of `remote-url`), one per line, e.g. `ci.skip`',
    default: '',
  },
  {
    name: 'transfer',
    description:
      'How objects get there: `relay` streams them from server to server without a clone, `git` fetches and pushes, `auto` takes relay and goes on with git where that cannot do it',
    default: 'auto',
  },
  {
    name: 'lfs',
    description:
      'Whether to move LFS files as well, before the refs that need them: `true`, `false`, or `auto`, which looks whether the repository uses LFS. Needs git-lfs 3 where there are any',
    default: 'auto',
  },
  {
    name: 'lfs-url',
    description: 'LFS endpoint of the repository of the run, `https://` or `ssh://`. Default: what git-lfs derives from its URL',
    default: '',
  },
  {
    name: 'remote-lfs-url',
    description: 'LFS endpoint of the repository at `remote-url`, `https://` or `ssh://`. Default: what git-lfs derives from its URL',
    default: '',
  },
  {
    name: 'lfs-batch-size',
    description:
      'How much of the LFS files may lie on the disk at a time, as in `500MB` or `2GiB`; a file that is larger comes alone. At least `1MiB`',
    default: '2GiB',
  },
  {
    name: 'dry-run',
    description: 'Plan and report, change nothing',
    default: 'false',
    boolean: true,
  },
  {
    name: 'operation',
    description:
      '`mirror`; `verify` compares both sides and tells how each ref differs; `detect-host-keys` shows the host keys of the server of `remote-url`, to be verified; `show-public-key` shows the public half of the key in `auth-secret`; `list-mirrors` gives the mirrors of `config` as a matrix, and `summarize` sums up the reports of its jobs. All but `mirror` change nothing',
    default: 'mirror',
    actionOnly: true,
  },
  {
    name: 'config',
    description:
      'Path of a YAML file of many mirrors, each with these inputs; they run one after the other, and one that fails does not stop the others',
    default: '',
    actionOnly: true,
  },
  {
    name: 'config-mirror',
    description: 'With `config`: names of the mirrors to run, by line or comma. Default: all',
    default: '',
    actionOnly: true,
  },
  {
    name: 'reports',
    description:
      '`summarize`: directory with a report file `NAME.json` for each mirror; those of `config-mirror` that have none are told as failed',
    default: '',
    actionOnly: true,
  },
  {
    name: 'retries',
    description: 'How often to try again after a network fault, or when somebody else pushed in between',
    default: '3',
  },
  {
    name: 'timeout-minutes',
    description: 'When a run ends that takes longer, all attempts together: what it waits for is broken off, and told. From 1 to 7200',
    default: '60',
  },
  {
    name: 'fail-on',
    description:
      'What makes the step fail, besides an error that ends the run: `rejected`, `diverged`, `any-kept`, or `never`; by line or comma',
    default: 'rejected, diverged',
  },
  {
    name: 'min-interval',
    description:
      'Skip a run that begins sooner than this after the start of the last one: `90s`, `5m`, `1h`, `1d`; at most 7 days. Default: none',
    default: '',
    actionOnly: true,
  },
  {
    name: 'update-now',
    description:
      'Run now, whatever `min-interval` and `pause-after` say. Default: `true` for a run that a person has started (`workflow_dispatch`) or run again, else `false`',
    default: '',
    boolean: true,
    actionOnly: true,
  },
  {
    name: 'pause-after',
    description:
      'After so many failures in a row only check the connection, and fail, until a run with `update-now` succeeds; GitLab pauses after 14. Default: never',
    default: '',
    actionOnly: true,
  },
  {
    name: 'failure-issue',
    description:
      'Open one issue at the repository of the run (GitHub, Gitea, Forgejo) when the mirror begins to fail, keep it up to date, and close it when the mirror works again. Needs `issues: write`',
    default: 'false',
    boolean: true,
    actionOnly: true,
  },
  {
    name: 'failure-issue-labels',
    description: 'Labels of that issue, by line or comma',
    default: '',
    actionOnly: true,
  },
  {
    name: 'failure-issue-assignees',
    description: 'Users to whom that issue is assigned, by line or comma',
    default: '',
    actionOnly: true,
  },
  {
    name: 'ca-certificate',
    description: 'Further certificate authorities to trust for https, in PEM',
    default: '',
  },
  {
    name: 'client-certificate',
    description: 'Certificate for https servers that ask for one, in PEM',
    default: '',
  },
  {
    name: 'client-key',
    description: 'Private key of `client-certificate`, in PEM, not encrypted',
    default: '',
    secret: true,
  },
  {
    name: 'allow-insecure-http',
    description: 'Allow `http://` URLs, over which everybody in between can read the token and change the refs',
    default: 'false',
    boolean: true,
  },
  {
    name: 'token',
    description: 'Token to read the repository of the run, in a pull and both ways to write it (over ssh: a private key or password)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the runner
    default: '${{ github.token }}',
    secret: true,
  },
  {
    name: 'repository',
    description: 'Repository to mirror, as `owner/name` on the server of the run',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the runner
    default: '${{ github.repository }}',
    actionOnly: true,
  },
  {
    name: 'repository-url',
    description: 'Repository to mirror, as a URL, instead of `repository`',
    default: '',
    actionOnly: true,
  },
] as const satisfies readonly InputDescription[]

export type InputName = (typeof INPUTS)[number]['name']

/** Raw values by input name; empty or missing = default. */
export type RawInputs = Readonly<Partial<Record<InputName, string>>>

export const findInput = (name: string): InputDescription | undefined => INPUTS.find(input => input.name === name)
