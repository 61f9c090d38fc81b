# lakebase-swift · Apache License 2.0 · see LICENSE
"""A page that says where it runs, by a package that only its lock file names."""

import json
import os
import sys
from importlib.metadata import version

import bottle

app = bottle.Bottle()


@app.get("/")
def page() -> str:
    return json.dumps({"bottle": version("bottle"), "environment": sys.prefix, "told": os.environ["VIRTUAL_ENV"]})


def main() -> None:
    app.run(host="0.0.0.0", port=int(os.environ["DATABRICKS_APP_PORT"]))
