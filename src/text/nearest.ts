/** The word with the fewest changed letters, if they are few enough to be a slip; null where none is near. */
export function nearestTo(word: string, words: readonly string[]): string | null {
  const most = Math.max(2, word.length / 3)
  const near = words.filter(other => Math.abs(other.length - word.length) <= most)
  const [first] = near.map(other => ({ other, distance: editDistance(word, other) })).sort((a, b) => a.distance - b.distance)
  return first && first.distance <= most ? first.other : null
}

/** Levenshtein's distance, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
