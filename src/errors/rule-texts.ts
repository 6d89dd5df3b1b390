import { type ErrorRow, row } from './row.ts'

/**
 * Texts of forges about their limits and their rules for contents and names, most specific first. GitHub adds GH013 and git adds
 * "pre-receive hook declined" to them, so these rows come before the rows for those.
 */
export const RULE_TEXTS: readonly ErrorRow[] = [
  row('secret-in-commit', 'request', /GITHUB PUSH PROTECTION|Push cannot contain secrets|PUSH BLOCKED: Secrets detected|VS403654:/),

  row('ref-name-refused', 'ref', /GH002:|GH005:|refusing to (?:create|update) funny ref|\bfunny refname\b/),
  row('ref-name-refused', 'ref', /cannot create a (?:branch with (?:an invalid name|a SHA-1)|tag with a prohibited pattern)/),
  row('ref-name-refused', 'ref', /Branch name '[^']*' does not follow the pattern/),
  row('push-rule', 'request', /Author's email '[^']*' does not follow|You cannot push commits for '/),
  row('push-rule', 'request', /Author '[^']*' is not a member of team|Commit message does not follow the pattern/),
  row('push-rule', 'request', /Commit must be signed|File name .{1,400} was prohibited by the pattern|only push your own commits/),
  row('push-rule', 'request', /VS403702:|must contain a DCO signoff|contains the forbidden pattern/),
  row('push-rule', 'ref', /is protected from (?:unverified commit|changing file)/),
  row('protected-tag', 'ref', /Protected tags cannot be|create this tag as it is protected|\bTag \S+ is protected/),
  row('protected-tag', 'ref', /change existing tags/, {
    hint: "give the mirror's token or user the Maintainer role at the destination, or leave the tag out of `tags`",
  }),

  row('large-file', 'request', /pack exceeds maximum allowed size|TF402462:/),
  row(
    'storage-limit',
    'request',
    /would exceed the allocated storage|is over the size limit|: Quota exceeded|exceeded its size limit|namespace storage limit of/,
  ),
]
