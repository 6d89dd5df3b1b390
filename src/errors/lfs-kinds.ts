import { type KindOfError, of } from './kind.ts'

/** Kinds of errors about LFS objects. */
export const LFS_KINDS = {
  'lfs-quota': of('remote', 'LFS quota used up', {
    hint: 'buy LFS storage and bandwidth for the account that owns the repository, or free some: raise its budget or quota; or leave the refs with LFS files out',
  }),
  'lfs-disabled': of('remote', 'No LFS at the server', {
    hint: 'enable LFS for the repository at the server, and check that the URL is right and the credentials may see it',
  }),
  'lfs-object-missing': of('remote', 'LFS object missing at the source', {
    hint: 'restore the object at the source from a clone that still has it (`git lfs push --object-id`), leave the refs that need it out, or set `lfs-missing: allow` to mirror them without it',
  }),
  'lfs-object-refused': of('remote', 'LFS object refused', {
    hint: 'check the objects with `git lfs fsck` in a clone of the source: their names or sizes are wrong',
  }),
  'lfs-incomplete': of('network', 'Not all LFS objects arrived', { hint: 'see the lines above for the cause, and run again' }),
  'lfs-stalled': of('network', 'LFS transfer stalled', {
    hint: 'run again: objects that arrived are not sent twice; if it fails again, check the LFS server and its proxies, or set `lfs: false` and move the objects by hand',
  }),
  'lfs-locked': of('remote', 'LFS files locked at the destination', {
    hint: 'unlock the files at the destination (`git lfs locks` lists them); a mirror should not be worked in',
  }),
} as const satisfies Record<string, KindOfError>
