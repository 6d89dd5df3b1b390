/** Slow kinds first, so that no processor waits at the end for a long test on another one. */
const ORDER = ['servers', 'git', 'scenarios', 'unit']

const placeOf = ({ path }) => ORDER.findIndex(kind => path.replaceAll('\\', '/').includes(`/test/${kind}/`))

/** What jest asks of a test sequencer (jestjs.io, "testSequencer"). */
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
