import type { Reserved } from '../plan/reserved.ts'
import { isRefName } from '../refs/ref.ts'
import { withoutSuffix } from '../remote/same-repository.ts'
import { unbracketed } from '../remote/server.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { WorkflowRun } from './workflow-run.ts'

/**
 * The ref that holds the running workflow; null if the run belongs to no repository, or to another one than `here`.
 * If the runner does not name the workflow's file (Gitea), it is the ref that started the run.
 */
export function reservedBy({ repository, workflowRef, ref }: WorkflowRun, here: RemoteUrl, serverUrl: string | null): Reserved | null {
  if (!repository || !isSameRepository(here, repository, serverUrl)) return null
  const [, workflowRepository, workflowFile = '', at = ''] = /^([^/]+\/[^/]+)\/([^@]+)@(.+)$/.exec(workflowRef ?? '') ?? []
  if (workflowRepository === undefined) return ref !== null && isRefName(ref) ? { ref, workflowFile: null } : null
  // An organization can require a workflow of another repository; then no ref of `here` holds it.
  if (workflowRepository.toLowerCase() !== repository.toLowerCase()) return null
  return isRefName(at) ? { ref: at, workflowFile } : null
}

/** Whether a URL names `owner/name` on the server of the run, in any protocol. In doubt yes: to keep one ref too many does less harm than to lose it. */
function isSameRepository({ protocol, host, path }: RemoteUrl, repository: string, serverUrl: string | null): boolean {
  const name = withoutSuffix(`/${path}`.toLowerCase())
  if (!name.endsWith(`/${repository.toLowerCase()}`)) return false
  if (protocol === 'file' || serverUrl === null || !URL.canParse(serverUrl)) return true
  const server = unbracketed(new URL(serverUrl).hostname)
  return host === server || host === `ssh.${server}`
}
