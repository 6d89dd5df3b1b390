import { runInNewContext } from 'node:vm'

/** Work that reaches it hangs: what runs here is done in a moment, or in hours. */
const HANGS_MS = 100_000

/** Runs something that never waits. Throws where it would, as good as, never end. */
export const mayNotHang = (work: () => unknown): void => void runInNewContext('work()', { work }, { timeout: HANGS_MS })
