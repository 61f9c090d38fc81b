# lakebase-swift · Apache License 2.0 · see LICENSE
"""An app of Streamlit's: a page that says nothing, and a WebSocket that says everything."""

import re
from pathlib import Path

import pytest
from support.apps import files_of, page
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect


def run(socket, part):
    """Has the script run, as the page does when somebody comes or changes something; returns the birds that it showed."""
    query = f"part={part}".encode()
    # BackMsg.rerun_script = 11, and in it ClientState.query_string = 1.
    state = bytes([0x0A, len(query)]) + query
    socket.send(bytes([0x5A, len(state)]) + state)
    shown = b""
    while f"birds with '{part}'".encode() not in shown:
        shown += socket.recv(timeout=30)
    return re.findall(r"a (\w+), by (\S+@[\w.]+\w)", shown.decode(errors="replace"))


@pytest.mark.usefixtures("two_at_a_time")
@pytest.mark.timeout(400, func_only=True)
def test_a_streamlit_app_shows_rows_by_its_websocket(lakebase, deployed, birds):
    app = deployed("streamlit", files_of(Path(__file__).parent / "streamlit_app", table=birds.table))
    assert "<title>Streamlit</title>" in page(app)
    assert page(app, "/_stcore/health") == "ok"
    address = app.url.replace("http", "ws", 1) + "/_stcore/stream"
    with connect(address, origin=app.url, subprotocols=["streamlit"], max_size=None) as socket:
        assert socket.subprotocol == "streamlit"
        user = lakebase.developer.user
        assert run(socket, "") == [(name, user) for name in birds.names]
        assert run(socket, "w") == [("wren", user)]
    with pytest.raises(InvalidStatus) as refused:
        connect(address, origin="http://elsewhere.example", subprotocols=["streamlit"])
    assert refused.value.response.status_code == 403
