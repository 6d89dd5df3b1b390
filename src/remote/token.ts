/** Prefixes of GitHub ("Behind GitHub's new authentication token formats"), GitLab ("Token prefixes") and Atlassian (ATBB, ATCTT, ATATT). */
export const FORGE_TOKEN = /^(?:gh[opsur]_|github_pat_|gl(?:pat|dt|oas|cbt|ptt|ft|imt|rt|soat)-|ATBB|ATCTT|ATATT)/
