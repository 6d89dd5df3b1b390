"""Serves the bare repositories of a directory over smart HTTP until standard input ends: dulwich_server.py DIRECTORY

dulwich.web's own command line knows one repository and no free port, and answers one request at a time.
"""

import os
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import make_server

from dulwich.server import FileSystemBackend
from dulwich.web import WSGIRequestHandlerLogger, WSGIServerLogger, make_wsgi_chain


class Repositories(FileSystemBackend):
    def open_repository(self, path):
        # Paths come with a slash in front, str from a GET and bytes from a POST.
        return super().open_repository(os.fsdecode(path).lstrip("/"))


class Server(ThreadingMixIn, WSGIServerLogger):
    daemon_threads = True

    def server_bind(self):
        # Without the look-up of the host's name that http.server makes.
        self.allow_reuse_address = True
        super().server_bind()


server = make_server(
    "127.0.0.1",
    0,
    make_wsgi_chain(Repositories(sys.argv[1])),
    handler_class=WSGIRequestHandlerLogger,
    server_class=Server,
)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
