# lakebase-swift · Apache License 2.0 · see LICENSE
"""An app of Dash's, with its own server and reloader, where the platform's variables say."""

import json
from pathlib import Path

import pytest
from support.apps import files_of, page


def texts(component):
    """The texts of a component and of all below it."""
    if isinstance(component, str):
        return [component]
    if isinstance(component, list):
        return [text for one in component for text in texts(one)]
    return texts(component["props"].get("children") or [])


@pytest.mark.usefixtures("two_at_a_time")
@pytest.mark.timeout(400, func_only=True)
def test_a_dash_app_shows_rows_and_answers_its_callbacks(deployed, birds):
    app = deployed("dash", files_of(Path(__file__).parent / "dash_app", table=birds.table))
    assert "_dash-config" in page(app)
    assert texts(json.loads(page(app, "/_dash-layout"))) == birds.names
    [callback] = json.loads(page(app, "/_dash-dependencies"))
    call = {
        "output": callback["output"],
        "outputs": {"id": "found", "property": "children"},
        "inputs": [{"id": "part", "property": "value", "value": "n"}],
        "changedPropIds": ["part.value"],
    }
    answer = json.loads(page(app, "/_dash-update-component", json.dumps(call).encode()))
    assert answer["response"] == {"found": {"children": ", ".join(name for name in birds.names if "n" in name)}}
