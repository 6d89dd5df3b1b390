// The limits of what a server, a program or a file may say, and of the time it may take. docs/security.md has them as a table, from the comments here.

/** To connect and log in: TCP, TLS, and over SSH the greeting, the key exchange and the login. A slow login takes some seconds. */
export const CONNECT_MS = 30_000
/** For one address of a host before the next is tried. Node's own quarter of a second is too little for a server across the world. */
export const ADDRESS_MS = 2_500
/** For the start of a command over SSH. Before it, a server may open a session of its system, which can take half a minute. */
export const COMMAND_MS = 60_000
/** With hardly a byte while a server or git-lfs has to send or to take some, and for one packet that has begun. Both services of git speak every 5 s while they work, and some LFS servers hash a large object first. */
export const IDLE_MS = 300_000
/** Bytes below which a time limit counts as silence. git's empty packets are more: a server sends one of 5 bytes every 5 s while it works. */
export const IDLE_BYTES = 16
/** Between two questions whether a silent SSH server is still there. */
export const KEEPALIVE_MS = 15_000
/** Questions to a silent SSH server without an answer. */
export const KEEPALIVE_QUESTIONS = 3
/** For the end of a greeting over HTTP that has said all. After it, the connection serves the next request as well. */
export const GREETING_END_MS = 200
/** For each connection that asks a server for a host key. */
export const SCAN_MS = 10_000
/** For an SSH agent to list its keys, for which it asks no user. */
export const AGENT_MS = 10_000
/** For a page with an error after its headers. The status says enough. */
export const WORDS_MS = 10_000
/** For one answer of a forge about protected branches, without a byte. */
export const FORGE_IDLE_MS = 60_000
/** For everything about protected branches that a forge is asked for: 500 pages at the most. */
export const FORGE_MS = 300_000
/** For the question whether anyone may read a repository that holds a new backup. Without an answer, the report says nothing. */
export const EXPOSED_MS = 10_000
/** For everything about the failure issue, and for the request that changes the default branch. Later, the next run tries again. */
export const ISSUE_MS = 40_000
/** The longest wait that a server may ask for before a retry. Otherwise only the next run tries again. */
export const RETRY_AFTER_MS = 300_000
/** For the runner's cache in total, for all mirrors of a step. */
export const CACHE_MS = 2000
/** For one lookup in the runner's cache, so that time is left for storing. */
export const CACHE_LOOKUP_MS = 1200
/** For the search for LFS objects of single changes. Many branches may share the same long history. */
export const LFS_SEARCH_MS = 10_000
/** For a program to tidy up once it is asked to end, e.g. to remove git's lock files. Then it is killed. */
export const END_MS = 2000
/** For a program that was killed. One that reads from a disk that no longer answers cannot even be killed. */
export const KILLED_MS = 1000
/** For an interrupted run to break off and report. A runner kills a cancelled step 10 s after its first signal. */
export const INTERRUPTED_MS = 5000

/** Branches and tags of a side, together with the objects that annotated tags lead to. One takes about 250 bytes of memory; the largest known repositories have some hundred thousand. */
export const MAX_REFS = 400_000
/** Characters of a name that takes as much memory as another ref. */
export const NAME_OF_ONE_REF = 256
/** Bytes of the name of a ref. git's own limit is that of a path. */
export const REF_NAME_BYTES = 4096
/** Characters of a URL. A request of `git://` must fit into one packet of 65,516 bytes; servers take far shorter paths. */
export const URL_CHARACTERS = 8192
/** Redirects in a row. */
export const MAX_REDIRECTS = 5
/** Lines after the name of the service in a greeting over HTTP. git skips them, too. */
export const GREETING_LINES = 16
/** Bytes of a server's first words, in which the greeting of SSH is looked for. Lines before it are rare. */
export const SSH_PREAMBLE_BYTES = 4096
/** Bytes of an SSH server before its key exchange is complete, in which its list of algorithms is looked for. A packet has at most 35,000 (RFC 4253, 6.1). */
export const SSH_OFFER_BYTES = 65_536
/** Characters of a server's words in a sentence of ours, such as a question at the login, or a line that is none of the protocol. */
export const QUOTED_CHARACTERS = 100
/** Bytes of a page with an error, and of the end of stderr. */
export const WORDS_BYTES = 65_536
/** Bytes of the end of the output of a push. It names the reason of a refusal. */
export const PUSH_OUTPUT_BYTES = 262_144
/** Characters of all banners before the login over SSH. A page of legal text has some thousand. */
export const BANNER_CHARACTERS = 65_536
/** Bytes over SSH that the server has not taken yet. Until it takes them, the run reads nothing from it, because it could ask without end. */
export const SSH_UNSENT_BYTES = 2 ** 18
/** Bytes that came over SSH and that the run has not used yet. A server that keeps to its window has sent less than 4 MiB of them. */
export const SSH_RECEIVED_BYTES = 2 ** 23
/** Characters of what one server says besides its answers, in the debug log. */
export const LOGGED_CHARACTERS = 262_144
/** Characters that become the message of a failure: a line of git, a command, the target of a redirect, text in the place of a packet. */
export const MESSAGE_CHARACTERS = 500
/** Characters of the reason of a ref. A hook can print pages. */
export const REASON_CHARACTERS = 1000
/** Characters of one entry of the log: a line of progress, or what one command of git says. */
export const LOGGED_AT_ONCE = 10_000
/** Last characters of what a source says besides its pack. They tell why it breaks off. */
export const UPLOAD_OUTPUT_CHARACTERS = 4000
/** Requests in a row that a damaged source fails, in the search for the refs that it cannot give; twice the binary logarithm of the refs is added. */
export const MAX_FAILED_REQUESTS = 16
/** Refs in one push. GitHub answers with 500 to about 10,000, and takes 5,000. */
export const REFS_AT_ONCE = 5000
/** Bytes of a pack from which a push that took a server too long is made smaller by its history, and not by the number of its refs. */
export const DIVISIBLE_BYTES = 2 ** 20
/** Bytes that a push has besides its objects: commands, and the frame of the pack. */
export const AROUND_PACK_BYTES = 2 ** 20
/** Bytes of a pack that is put on the disk, after which the room there is looked at. */
export const DISK_LOOK_BYTES = 2 ** 26
/** Files that are named of a commit that is too large for a push. */
export const LARGEST_FILES = 3
/** Pushes of one run in the search for refs that make a whole push fail. */
export const MAX_PUSHES = 300
/** Requests about history to one server. With more, git finds the answer sooner. */
export const MAX_QUESTIONS = 100

/** Bytes of a request that are read before it begins. Most requests are shorter, and some servers require the length. */
export const REQUEST_HEAD_BYTES = 2 ** 20
/** Bytes of a pack that are held while its head is read. */
export const HELD_BYTES = 2 ** 24
/** Bytes of a pack in which one object is looked for. A tree with a hundred thousand entries has about as much. */
export const TREE_PACK_BYTES = 2 ** 22
/** Bytes to which the objects before the one that is looked for inflate. A few megabytes of a pack can inflate to a thousand times as much (zlib, "Technical Details"). */
export const INFLATED_BYTES = 2 ** 25
/** Bytes of the roots of branches and their `.gitattributes` and `.lfsconfig`. If there is more, every change is searched for LFS objects. */
export const ROOTS_BYTES = 2 ** 24
/** Bytes of a line of `.gitattributes`. git reads no longer one (attr.h, ATTR_MAX_LINE_LENGTH). */
export const ATTRIBUTES_LINE_BYTES = 2048
/** Bytes from which a blob is no LFS pointer (git-lfs, `BlobSizeCutoff` in lfs/scanner.go); git's `blob:limit` has the same rule. */
export const POINTER_BYTES = 1024
/** Bytes of an LFS object beyond the size in its pointer. With fewer, git-lfs itself refuses it in the end. */
export const LFS_EXCESS_BYTES = 2 ** 20
/** Bytes of memory of each git that reads the refs of a server, on Linux. 450,000 refs take as much, whether they are mirrored or not. */
export const GIT_MEMORY_BYTES = 3 * 2 ** 26
/** Bytes of memory of `git push`, on Linux. It also walks the history between the old tip and the new one, with 1.4 KiB per commit. */
export const PUSH_MEMORY_BYTES = 2 ** 30
/** Bytes of memory of each other git, on Linux. `git index-pack` takes 100 bytes for each object, and also the largest file with its next version. */
export const OBJECTS_MEMORY_BYTES = 2 ** 32
/** Bytes of the disk that a git that stores a pack leaves free, for other programs. A pack ends only where its server ends it. */
export const DISK_LEFT_BYTES = 2 ** 30
/** Part of the room on the disk that it leaves where that is less. */
export const DISK_LEFT_PART = 1 / 4
/** Bytes from which git reads a file piece by piece, not as a whole, unless it is packed as the difference to another one. */
export const GIT_FILE_BYTES = 2 ** 25
/** Bytes of the list of commits, with their parents, that are searched for LFS objects without git's own walk: some 800,000 commits. With more, git moves the objects. */
export const COMMIT_LIST_BYTES = 2 ** 26
/** LFS objects that the changes of one run may bring. One takes about 250 bytes of memory. */
export const LFS_POINTERS = 2 ** 20
/** Bytes of memory of git-lfs, on Linux. It takes some 30 MiB, and reads an answer about objects as a whole. */
export const LFS_MEMORY_BYTES = 2 ** 27
/** Bytes of LFS objects that count as progress, as does each object that is complete. Single bytes that drip do not. */
export const LFS_STEP_BYTES = 1024
/** Characters of the progress of git-lfs, which is emptied then. A server can make a line of every byte. */
export const LFS_PROGRESS_CHARACTERS = 2 ** 18
/** LFS objects of one git-lfs. It says nothing until it has asked for all: with many more it would seem to stand still. */
export const LFS_OBJECTS = 1000

/** Bytes that a command of git prints, of which two copies are kept, and of refs that an SSH server lists before git's first request. Half a million refs with names of 25 characters have as many. */
export const GIT_STDOUT_BYTES = 2 ** 25
/** Bytes of the messages of one git, with those of its server. A hook may print pages, for each ref. */
export const GIT_STDERR_BYTES = 2 ** 21
/** Bytes of all messages of one git, of which the rest is passed over. */
export const GIT_MESSAGES_BYTES = 2 ** 28
/** Bytes of the messages of git-lfs, which may print a line per object. */
export const GIT_TEXT_BYTES = 2 ** 24
/** Bytes of one answer of a forge: fifteen issues as large as GitHub takes them. As JSON it may take forty times as much memory. */
export const FORGE_BYTES = 2 ** 22
/** Bytes of everything about protected branches that a forge answers. */
export const FORGE_TOTAL_BYTES = 2 ** 25
/** Characters of all patterns in the rules of a forge. Their work is done for each branch. */
export const FORGE_PATTERN_CHARACTERS = 2 ** 14
/** Pages of a list of a forge. A page has 100 entries; no forge has that many protected branches. */
export const FORGE_PAGES = 500
/** Pages of issues. If more are open, an issue that was not changed for long counts as gone. */
export const ISSUE_PAGES = 60

/** Characters of a configuration file. A file of a thousand mirrors needs far fewer. */
export const CONFIG_CHARACTERS = 1_000_000
/** Aliases in a configuration file. Aliases of aliases can make a small file very large. */
export const CONFIG_ALIASES = 100
/** Mirrors in a configuration file. */
export const CONFIG_MIRRORS = 1000
/** Keys of a map in a configuration file: twice as many as there are inputs. */
export const CONFIG_KEYS = 200
/** Problems at which the reading of a configuration file ends. An alias repeats those of a whole mirror. */
export const CONFIG_PROBLEMS = 200
/** Characters of `branch-regex`: the limit of GitLab for a mirror. */
export const REGEX_CHARACTERS = 255

/** Bytes of any other file that a run reads at once: the event of a workflow, keys, certificates, reports, the progress of git-lfs. */
export const FILE_BYTES = 2 ** 25

/** Characters of each end of a line that are searched for a known message. */
export const LINE_EDGE_CHARACTERS = 4096
/** Lines of each end of a text that are searched for a known message. */
export const TEXT_EDGE_LINES = 200
/** Characters of each end of a text that are searched for a known message. */
export const TEXT_EDGE_CHARACTERS = 2 ** 15

/** How much of a server's answers is read before the run gives up. Each limit is far above what a real server needs. */
export const ANSWER_LIMITS = {
  /** Refs that are kept. */
  refs: MAX_REFS,
  /** Bytes of an advertisement, or of a list of refs: three million refs. Four times as much, in the shortest of lines, would keep a processor busy for half a minute. */
  refBytes: 2 ** 28,
  /** Lines of a v2 capability advertisement. */
  capabilities: 1000,
  /** Bytes before a pack. They answer our haves, so they are of the same size: some kilobytes. */
  bytesBeforePack: 2 ** 24,
  /** Bytes besides the data of a side-banded stream: progress, output of hooks, and the empty packets that keep a connection alive. */
  bytesBesidesData: 2 ** 30,
  /** Lines of the report of a push: one for each ref, and seldom more. */
  reportLines: 500_000,
  /** Bytes of the report of a push. */
  reportBytes: 2 ** 26,
  /** Bytes after the report of a push. Nothing but a flush packet follows it; the rest is not read without an end. */
  bytesAfterReport: 2 ** 20,
}
export type AnswerLimits = Readonly<typeof ANSWER_LIMITS>

/** How much of the head of a pack is read for its commits. */
export const GRAPH_LIMITS = {
  /** Bytes of a commit or tag that is read. */
  object: 2 ** 20,
  /** Bytes of all objects that are kept, because a later one may be a delta of them. */
  kept: 2 ** 25,
  /** Commits and tags together; parents may be twice as many. */
  objects: 2 ** 20,
  /** Bytes of all objects, which may deflate to a thousandth: some seconds of work. */
  read: 2 ** 30,
  /** Bytes of what is passed over: trees, blobs, deltas that cannot be applied. */
  others: 2 ** 20,
}
export type GraphLimits = Readonly<typeof GRAPH_LIMITS>
