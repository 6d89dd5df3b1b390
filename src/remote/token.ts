/**
 * How forges mark their tokens. GitHub: "Behind GitHub's new authentication token formats"; GitLab: "Token prefixes"; Atlassian: ATBB app password,
 * ATCTT access token, ATATT API token.
 */
export const FORGE_TOKEN = /^(?:gh[opsur]_|github_pat_|gl(?:pat|dt|oas|cbt|ptt|ft|imt|rt|soat)-|ATBB|ATCTT|ATATT)/
