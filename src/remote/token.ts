/** Prefixes of GitHub ("Behind GitHub's new authentication token formats"), GitLab ("Token prefixes") and Atlassian (ATBB, ATCTT, ATATT). */
export const FORGE_TOKEN = /^(?:gh[opsur]_|github_pat_|gl(?:pat|dt|oas|cbt|ptt|ft|imt|rt|soat)-|ATBB|ATCTT|ATATT)/

/** Tokens that are valid for hours: of an app or a user at GitHub, of a job at GitLab. */
const BRIEF_TOKEN = /^(?:gh[su]_|glcbt-)/

/** A token of Gitea or Forgejo: 20 random bytes. */
const HEX_TOKEN = /^[0-9a-f]{40}$/

/** Whether a secret is a token that the next run is likely to have as well. */
export const isLastingToken = (secret: string): boolean =>
  (FORGE_TOKEN.test(secret) && secret.length >= 20 && !BRIEF_TOKEN.test(secret)) || HEX_TOKEN.test(secret)
