import { VERSION } from '../version.ts'

/** How we name ourselves in the protocol (gitprotocol-capabilities(5), "agent"). */
export const AGENT = `agent=repository-mirroring/${VERSION}`
