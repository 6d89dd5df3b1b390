import type { InputDescription } from './input-traits.ts'

/** The inputs about when a mirror runs, and about runs that fail. */
export const SCHEDULE_INPUTS = [
  {
    name: 'min-interval',
    description: 'Skip a run that starts this soon after the last one started: `90s`, `5m`, `1h`, `1d`; at most 7 days. Default: none',
    traits: ['schedule'],
  },
  {
    name: 'update-now',
    description:
      'Run even if `min-interval` or `pause-after` would prevent it. Default: `true` if a person started the run (`workflow_dispatch`) or re-ran it, otherwise `false`',
    traits: ['boolean', 'of-run', 'schedule'],
  },
  {
    name: 'pause-after',
    description:
      'After this number of failures in a row, only check the connection and fail, until a run with `update-now` succeeds. GitLab pauses after 14. Default: never',
    traits: ['schedule'],
  },
  {
    name: 'failure-issue',
    description:
      'When the mirror starts to fail, open one issue in the repository of the run (GitHub, Gitea, Forgejo). It is kept up to date, and closed when the mirror works again. Needs `issues: write`',
    default: 'false',
    traits: ['boolean', 'schedule'],
  },
  {
    name: 'failure-issue-labels',
    description: 'Labels of that issue, separated by commas or line breaks',
    traits: ['list', 'schedule'],
  },
  {
    name: 'failure-issue-assignees',
    description: 'Users to assign to that issue, separated by commas or line breaks',
    traits: ['list', 'schedule'],
  },
] as const satisfies readonly InputDescription[]
