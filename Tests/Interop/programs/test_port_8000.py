# lakebase-swift · Apache License 2.0 · see LICENSE
"""Apps that have the platform's port written down, all at the same time."""

import sys

import pytest
from support.apps import page
from support.debian import program

if sys.platform != "linux":
    pytest.skip("only the kernel of Linux lets several apps have port 8000", allow_module_level=True)

# Each answers its name, and what it hears from itself at the port that it takes to be its own.
PYTHON = '''
import http.server, threading, urllib.request

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        text = b"NAME"
        if self.path == "/":
            text += b" hears " + urllib.request.urlopen("http://localhost:8000/name").read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

http.server.ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
'''
NODE = """
const http = require("http");

http.createServer(async (request, response) => {
  if (request.url !== "/") return response.end("NAME");
  response.end("NAME hears " + (await (await fetch("http://localhost:8000/name")).text()));
}).listen(8000);
"""


@pytest.mark.any_postgres
def test_apps_that_insist_on_port_8000_run_side_by_side(deployed):
    program("node")
    made = {
        "dunnock": deployed("dunnock", {"app.py": PYTHON.replace("NAME", "dunnock")}),
        "robin": deployed("robin", {"app.py": PYTHON.replace("NAME", "robin"), "app.yaml": "command: python app.py\n"}),
        "wren": deployed("wren", {"app.js": NODE.replace("NAME", "wren"), "app.yaml": "command: [node, app.js]\n"}),
    }
    assert {name: page(app) for name, app in made.items()} == {name: f"{name} hears {name}" for name in made}
