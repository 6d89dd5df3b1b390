import { VERSION } from '../text/version.ts'
import type { Capabilities } from './capabilities.ts'

/** How we name ourselves in the protocol (gitprotocol-capabilities(5), "agent"). */
export const AGENT = `agent=repository-mirroring/${VERSION}`

/** Which of the implementations whose ways are known a server names itself to be; null for all others. */
export function agentOf(capabilities: Capabilities): 'git' | 'JGit' | null {
  const agent = capabilities.value('agent') ?? ''
  if (agent.startsWith('git/')) return 'git'
  return agent.startsWith('JGit/') ? 'JGit' : null
}
