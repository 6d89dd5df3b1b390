"""A pre-receive hook, as GitLab has one: refuses a push whose LFS objects are not in the repository's store."""

import os
import re
import subprocess
import sys

POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-\d-\S+ sha256:[0-9a-f]{64}\n)*oid sha256:([0-9a-f]{64})\nsize (\d+)\n"
)


def git(*arguments, text=b""):
    return subprocess.run(["git", *arguments], input=text, stdout=subprocess.PIPE, check=True).stdout


def new_blobs(tips):
    listed = git("rev-list", "--objects", "--no-object-names", *tips, "--not", "--all")
    checked = git("cat-file", "--batch-check=%(objecttype) %(objectsize) %(objectname)", text=listed)
    for kind, size, oid in (line.split() for line in checked.splitlines()):
        if kind == b"blob" and int(size) <= 1024:
            yield oid


def contents(oids):
    output, at = git("cat-file", "--batch", text=b"".join(oid + b"\n" for oid in oids)), 0
    while at < len(output):
        end = output.index(b"\n", at)
        size = int(output[at:end].split()[2])
        yield output[end + 1 : end + 1 + size]
        at = end + size + 2


def is_stored(oid, size):
    file = os.path.join(os.environ["GIT_DIR"], "lfs", "objects", oid[:2], oid[2:4], oid)
    return os.path.isfile(file) and os.path.getsize(file) == size


tips = [new for _, new, _ in (line.split() for line in sys.stdin.buffer) if new.strip(b"0")]
pointers = [match for match in map(POINTER.fullmatch, contents(new_blobs(tips))) if match] if tips else []
if not all(is_stored(match[1].decode(), int(match[2])) for match in pointers):
    print('GitLab: LFS objects are missing. Ensure LFS is properly set up or try a manual "git lfs push --all".', file=sys.stderr)
    sys.exit(1)
