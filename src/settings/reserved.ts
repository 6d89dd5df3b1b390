import type { Reserved } from '../plan/reserved.ts'
import { isRefName } from '../refs/ref.ts'
import { unbracketed } from '../remote/server.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { WorkflowRun } from './workflow-run.ts'

/**
 * The ref that holds the workflow now running; null where the run belongs to no repository, or to another one than `here`.
 * Where the runner does not name the workflow's file (Gitea), the ref that the run was started for counts.
 */
export function reservedBy(
  { repository, workflowRef, ref }: Pick<WorkflowRun, 'repository' | 'workflowRef' | 'ref'>,
  here: RemoteUrl,
  serverUrl: string | null,
): Reserved | null {
  if (!repository || !isSameRepository(here, repository, serverUrl)) return null
  const [, workflowRepository, workflowFile = '', at = ''] = /^([^/]+\/[^/]+)\/([^@]+)@(.+)$/.exec(workflowRef ?? '') ?? []
  if (workflowRepository === undefined) return ref !== null && isRefName(ref) ? { ref, workflowFile: null } : null
  // Somebody else's workflow, which an organization requires: no ref of ours holds it.
  if (workflowRepository.toLowerCase() !== repository.toLowerCase()) return null
  return isRefName(at) ? { ref: at, workflowFile } : null
}

/** Whether a URL leads to `owner/name` on the server of the run, in whatever protocol. One ref too many that is spared does less harm than one too few. */
function isSameRepository({ protocol, host, path }: RemoteUrl, repository: string, serverUrl: string | null): boolean {
  const name = `/${path}`
    .toLowerCase()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
  if (!name.endsWith(`/${repository.toLowerCase()}`)) return false
  if (protocol === 'file' || serverUrl === null || !URL.canParse(serverUrl)) return true
  const server = unbracketed(new URL(serverUrl).hostname)
  return host === server || host === `ssh.${server}`
}
