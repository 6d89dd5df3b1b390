import { MAX_REFS } from '../refs/collection.ts'

/** How much of a server's answers is read before the run gives up. Each limit is far above what a real server needs. */
export interface AnswerLimits {
  /** Refs of each kind that are kept. */
  readonly refs: number
  /** Bytes of an advertisement, or of a list of refs. Both are read to their end, up to this size. */
  readonly refBytes: number
  /** Lines of a v2 capability advertisement. */
  readonly capabilities: number
  /** Bytes before a pack. They answer our haves, so they are of the same size: some kilobytes. */
  readonly bytesBeforePack: number
  /** Bytes besides the data of a side-banded stream: progress, output of hooks, and the empty packets that keep a connection alive. */
  readonly bytesBesidesData: number
  /** Lines of the report of a push; a request of ours has far fewer refs. */
  readonly reportLines: number
  readonly reportBytes: number
  /** Bytes after the report of a push. Nothing but a flush packet follows it; the rest is not read without an end. */
  readonly bytesAfterReport: number
}

export const ANSWER_LIMITS: AnswerLimits = {
  refs: MAX_REFS,
  // A quarter of a gigabyte holds some three million refs. Four times as much, in the shortest of lines, would keep a processor busy for half a minute.
  refBytes: 2 ** 28,
  capabilities: 1000,
  bytesBeforePack: 2 ** 24,
  bytesBesidesData: 2 ** 30,
  reportLines: 1_000_000,
  reportBytes: 2 ** 27,
  bytesAfterReport: 2 ** 20,
}

/** How much of the head of a pack is read for its commits. */
export interface GraphLimits {
  /** Commits and tags of more bytes than this are not read. */
  readonly object: number
  /** Bytes of all objects that are kept, because a later one may be a delta of them. */
  readonly kept: number
  /** Commits and tags together; parents may be twice as many. */
  readonly objects: number
  /** Bytes of all objects, which may deflate to a thousandth: some seconds of work. */
  readonly read: number
  /** Bytes of what is passed over: trees, blobs, deltas that cannot be applied. */
  readonly others: number
}

export const GRAPH_LIMITS: GraphLimits = { object: 2 ** 20, kept: 2 ** 25, objects: 2 ** 20, read: 2 ** 30, others: 2 ** 20 }
