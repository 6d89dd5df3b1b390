"""Serves the LFS objects of the bare repositories in a directory by giftless until standard input ends: lfs_server.py DIRECTORY

Objects lie in a repository as `git-lfs-transfer` lays them, so that both serve the same. What giftless leaves to others is as on a forge: an upload
counts only if it has the bytes that its name says, and with the address of an object come the credentials for it, those of the batch.
"""

import hashlib
import os
import sys
import tempfile
import threading
from pathlib import Path

from flask import request
from giftless.app import init_app
from giftless.auth.identity import Identity
from giftless.exc import InvalidPayload, NotFound
from giftless.storage.local_storage import LocalStorage
from giftless.transfer.basic_streaming import BasicStreamingTransferAdapter
from werkzeug.serving import make_server


class Objects(LocalStorage):
    def _get_path(self, prefix, oid):
        return self._lfs(prefix) / "objects" / oid[:2] / oid[2:4] / oid

    def _lfs(self, prefix):
        # The first name of the address is nginx's own.
        repository = Path(self.path) / f"{prefix.partition('/')[2]}.git"
        if not repository.is_dir():
            raise NotFound("Repository not found")
        return repository / "lfs"

    def put(self, prefix, oid, data_stream):
        path, incomplete = self._get_path(prefix, oid), self._lfs(prefix) / "incomplete"
        for directory in (path.parent, incomplete):
            directory.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with tempfile.NamedTemporaryFile(dir=incomplete, delete=False) as file:
            try:
                while chunk := data_stream.read(1 << 16):
                    file.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                if digest.hexdigest() != oid:
                    raise InvalidPayload("Object is not what its name says")
                file.flush()
                os.replace(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise
        return size


class Adapter(BasicStreamingTransferAdapter):
    def upload(self, *args, **kwargs):
        return with_credentials(super().upload(*args, **kwargs))

    def download(self, *args, **kwargs):
        return with_credentials(super().download(*args, **kwargs))


def with_credentials(response):
    authorization = request.headers.get("Authorization")
    if authorization is not None:
        for action in response.get("actions", {}).values():
            action["header"] = {"Authorization": authorization}
        response["authenticated"] = True
    return response


# giftless's own reader and writer of everything may not have any single object.
class Everybody(Identity):
    def is_authorized(self, organization, repo, permission, oid=None):
        return True


def identify(_):
    return Everybody()


def make_adapter(**_):
    return Adapter(Objects(sys.argv[1]), action_lifetime=900)


app = init_app(
    additional_config={
        "LEGACY_ENDPOINTS": False,
        # nginx asks for the login.
        "AUTH_PROVIDERS": ["__main__:identify"],
        "PRE_AUTHORIZED_ACTION_PROVIDER": None,
        "MIDDLEWARE": [{"class": "werkzeug.middleware.proxy_fix:ProxyFix", "kwargs": {"x_for": 0, "x_proto": 1}}],
        "TRANSFER_ADAPTERS": {"basic": {"factory": "__main__:make_adapter"}},
    }
)
server = make_server("127.0.0.1", 0, app, threaded=True)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
