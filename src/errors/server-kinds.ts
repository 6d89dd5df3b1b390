/** Kinds that a server's own rules, its state, or its LFS store bring about: a part of KINDS, which says what the fields mean. */
export const SERVER_KINDS = {
  // Rules about contents and names.
  'secret-in-commit': {
    fault: 'remote',
    title: 'Secret found in a commit',
    hint: 'open the address that the server prints and let the secret pass, switch push protection off at the destination, or rewrite the history without it (GitLab also takes `push-options: secret_push_protection.skip_all`)',
  },
  'push-rule': {
    fault: 'remote',
    title: 'Push rule',
    hint: 'relax or disable the rule at the destination, which is a mirror: a mirror cannot change commits; or leave the ref out with `branches` or `tags`',
  },
  'ref-name-refused': {
    fault: 'remote',
    title: 'Ref name refused',
    hint: "leave the ref out with `branches` or `tags`, rename it at the source, or disable the destination's rule about names",
  },
  'protected-tag': {
    fault: 'remote',
    title: 'Protected tag',
    hint: "unprotect the tag at the destination, allow the mirror's user or key to create and change it, or leave it out of `tags`",
  },

  // The server's state.
  'storage-limit': {
    fault: 'remote',
    title: 'Storage limit reached',
    hint: 'free space at the destination or raise its limit; if neither is possible, mirror to a new repository without the large history',
  },
  'read-only-for-now': {
    fault: 'network',
    title: 'Read-only for now',
    hint: 'run again later; if the server has several sites, push to the primary one',
  },
  'protocol-disabled': {
    fault: 'settings',
    title: 'Protocol switched off at the server',
    hint: 'use the other protocol in the URL: `https://` becomes `ssh://`, and the reverse',
  },
  'server-misconfigured': {
    fault: 'remote',
    title: 'Server set up wrongly',
    hint: "the server's administrator has to repair it: its parts do not trust each other (GitLab: check the secret of gitlab-shell)",
  },
  'not-supported': {
    fault: 'remote',
    title: 'Not supported by the server',
    hint: 'do without what the message names: `atomic`, `push-options` or deletions',
  },
  'ssh-algorithms': {
    fault: 'remote',
    title: 'No SSH algorithm in common',
    hint: 'let the server offer current key exchanges, ciphers and MACs (old ones are refused for good reason), or use HTTPS',
  },
  'remote-unreadable': {
    fault: 'remote',
    title: 'Could not read from the remote',
    hint: 'read the lines above it, from the SSH program or the server; check the path of the URL and the access rights',
  },

  // Requests and objects.
  'atomic-refused': {
    fault: 'remote',
    title: 'Refused together with another ref',
    hint: 'see the reasons of the other refs: with `atomic`, one refused ref holds back all others',
  },
  'ref-not-written': {
    fault: 'race',
    title: 'Ref could not be written',
    hint: "run again; if it fails again, read the server's output: a lock file that was left behind has to be removed on the server",
  },
  'objects-missing': {
    fault: 'remote',
    title: 'Objects missing',
    hint: 'mirror from a full clone of the source, or from its server; `git fsck` there tells whether it is whole',
  },
  'unpack-failed': {
    fault: 'remote',
    title: 'The server could not store the objects',
    hint: "read the server's own `fatal:` line: the cause is usually on the server (space, memory, rights, a damaged repository)",
  },

  // LFS files.
  'lfs-quota': {
    fault: 'remote',
    title: 'LFS quota used up',
    hint: 'buy LFS storage and bandwidth for the account that owns the repository, or free some: raise its budget or quota; or leave the refs with LFS files out',
  },
  'lfs-disabled': {
    fault: 'remote',
    title: 'No LFS at the server',
    hint: 'enable LFS for the repository at the server, and check that the URL is right and the credentials may see it',
  },
  'lfs-object-missing': {
    fault: 'remote',
    title: 'LFS object missing at the source',
    hint: 'restore the object at the source from a clone that still has it (`git lfs push --object-id`), or leave the refs that need it out',
  },
  'lfs-object-refused': {
    fault: 'remote',
    title: 'LFS object refused',
    hint: 'check the objects with `git lfs fsck` in a clone of the source: their names or sizes are wrong',
  },
  'lfs-incomplete': {
    fault: 'network',
    title: 'Not all LFS objects arrived',
    hint: 'see the lines above for the cause, and run again',
  },
  'lfs-stalled': {
    fault: 'network',
    title: 'LFS transfer stalled',
    hint: 'run again: objects that arrived are not sent twice; if it fails again, check the LFS server and the proxies before it, or mirror with `lfs: false` and move the objects by hand',
  },
  'lfs-locked': {
    fault: 'remote',
    title: 'LFS files locked at the destination',
    hint: 'unlock the files at the destination (`git lfs locks` lists them); a mirror should not be worked in',
  },
} as const
