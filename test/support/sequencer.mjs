import { LONGEST } from './longest.ts'

/** The slow kinds come first of all others. */
const KINDS = ['servers', 'git', 'scenarios', 'unit']

function placeOf({ path }) {
  const name = path.replaceAll('\\', '/').replace(/^.*\/test\/|\.test\.ts$/g, '')
  const place = LONGEST.indexOf(name)
  if (place !== -1) return place
  const kind = KINDS.indexOf(name.split('/')[0])
  return LONGEST.length + (kind === -1 ? KINDS.length : kind)
}

/** The test sequencer that jest asks for (jestjs.io, "testSequencer"): long files first, so that no processor waits at the end for a long one on another. */
export default class Sequencer {
  sort(tests) {
    return [...tests].sort((a, b) => placeOf(a) - placeOf(b))
  }

  shard(tests) {
    return tests
  }

  allFailedTests(tests) {
    return tests
  }

  cacheResults() {}
}
