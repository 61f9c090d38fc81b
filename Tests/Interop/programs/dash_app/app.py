# lakebase-swift · Apache License 2.0 · see LICENSE
"""A page of Dash's, made anew for each visitor from rows of the database, with a callback that asks it again."""

import os

import psycopg
from dash import Dash, Input, Output, dcc, html
from databricks.sdk import WorkspaceClient

workspace = WorkspaceClient()


def rows(condition: str, *values: str) -> list[str]:
    token = workspace.postgres.generate_database_credential(endpoint=os.environ["ENDPOINT_NAME"]).token
    with psycopg.connect(password=token) as connection:
        found = connection.execute(f"SELECT name FROM {os.environ['TABLE']} WHERE {condition} ORDER BY name", values)
        return [name for (name,) in found]


def page() -> html.Div:
    return html.Div([html.Ul([html.Li(name) for name in rows("true")]), dcc.Input(id="part"), html.P(id="found")])


app = Dash(__name__)
app.layout = page


@app.callback(Output("found", "children"), Input("part", "value"))
def found(part: str | None) -> str:
    return ", ".join(rows("name LIKE %s", f"%{part or ''}%"))


if __name__ == "__main__":
    app.run(debug=True)
