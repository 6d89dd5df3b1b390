import type { ParsedKey } from 'ssh2'
import { sha256Fingerprint } from '../keys/fingerprint.ts'

/** What a key is called in messages: its type and fingerprint, which also stand in a server's log. */
export const nameOfKey = (key: ParsedKey): string => `${key.type} ${sha256Fingerprint(key.getPublicSSH())}`
