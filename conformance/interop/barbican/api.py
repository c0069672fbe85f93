"""Barbican's own API over HTTP, without Keystone: api.py PORT. Its configuration is ~/.barbican/barbican.conf"""

import sys
from wsgiref.simple_server import make_server

from barbican.api import app
from barbican.api.middleware.context import UnauthenticatedContextMiddleware

application = UnauthenticatedContextMiddleware(app.create_main_app({}))
with make_server("127.0.0.1", int(sys.argv[1]), application) as server:
    print("barbican is ready", flush=True)
    server.serve_forever()
