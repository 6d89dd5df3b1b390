import { type ErrorRow, row } from './row.ts'

/** Texts of git-lfs, and of servers about LFS objects, most specific first. They come before the rows for HTTP, which match some of them too. */
export const LFS_TEXTS: readonly ErrorRow[] = [
  row('lfs-objects-required', 'lfs', /GH008:|LFS objects are missing/),
  row('lfs-object-missing', 'lfs', /LFS upload (?:missing objects|failed):/, {
    hint: 'fetch the LFS objects from the source and send them to the destination first (`git lfs fetch --all`, `git lfs push --all`)',
  }),
  row('server-error', 'lfs', /GH009:/, { hint: "run again later; if it fails again, contact GitHub's support" }),
  row('lfs-quota', 'lfs', /is over its data quota|exceeded its LFS budget|Insufficient server storage:|Bandwidth limit exceeded:/),
  row('credentials-missing', 'lfs', /Git credentials for \S+ not found/, {
    hint: 'put credentials for that host into the URL of `remote-lfs-url` (for the repository of the run: `lfs-url`) if it is another host; over SSH the server gives them (`git-lfs-authenticate`)',
  }),
  row('credentials-refused', 'lfs', /Authentication required: /, {
    hint: 'check the token: it may have expired, or may not be valid for LFS; give it in `auth-secret`, not in the URL, which git-lfs prints',
  }),
  row('permission-denied', 'lfs', /Authorization error: \S+/, { hint: 'give the key, token or user access to LFS at this repository' }),
  row('lfs-disabled', 'lfs', /Repository or object not found:|Client error \S+ from HTTP 410|Not Implemented: \S+|LFS is not enabled/),
  row('lfs-disabled', 'lfs', /batch request: [^\n]{0,400}git-lfs-(?:authenticate|transfer)|unrecognized command 'git-lfs-/, {
    hint: 'enable LFS over SSH at the server (`git-lfs-authenticate`), use its `https://` URL, name its LFS server in `remote-lfs-url` (for the repository of the run: `lfs-url`), or set `lfs: false`',
  }),
  row('lfs-disabled', 'lfs', /batch request: missing protocol:/, { hint: 'use an `https://` or ssh URL: a directory has no LFS server' }),
  row('large-file', 'lfs', /Client error(?:(?!Client error)[^\n])*?(?:from HTTP |: ?)413/, {
    hint: 'raise the limit of the server, or of the proxy in front of it, for the body of a request (nginx: `client_max_body_size`)',
  }),
  row('lfs-object-refused', 'lfs', /Unprocessable entity:|xpected OID [0-9a-f]{64}, got |^\[[0-9a-f]{64}\] [^\n]*: \[422\] /m),
  row('rate-limited', 'lfs', /[Rr]ate limit exceeded|[Tt]oo many requests/, {
    hint: 'wait, and run less often: LFS requests have a limit of their own',
  }),
  row(
    'protocol-error',
    'lfs',
    /Expected JSON type, got|^batch request: (?:invalid character|unexpected end of JSON|json: )|Unable to parse HTTP response for [A-Z]+ \S+: (?!unexpected EOF)/m,
    {
      hint: 'check that the URL is that of an LFS server, and whether a proxy or a login page answers instead',
    },
  ),
  row('redirected', 'lfs', /refusing insecure redirect/),
  // HTTP status 500 or above.
  row('server-error', 'lfs', /Fatal error: /),
  row('lfs-object-missing', 'lfs', /Object does not exist|does not exist on the server|Cannot find any of the requested objects/),
  row('lfs-object-missing', 'lfs', /remote missing object [0-9a-f]{64}|^\[[0-9a-f]{64}\] [^\n]*: \[4(?:04|10)\] /m),
  row('lfs-locked', 'lfs', /Unable to push locked files|Cannot update locked files/),
  row('lfs-incomplete', 'lfs', /^panic: /m, {
    hint: 'run again; if it fails again, install a newer git-lfs on the runner: this one crashed, as some do when a server asks them to wait',
  }),
]
