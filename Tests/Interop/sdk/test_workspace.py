# lakebase-swift · Apache License 2.0 · see LICENSE
"""`w.workspace`: folders and files."""

import base64
import io

import pytest
from databricks.sdk.errors import BadRequest, NotFound, ResourceAlreadyExists
from databricks.sdk.service.workspace import ExportFormat, ImportFormat, Language, ObjectType
from support.names import new_id
from support.refusals import refused

pytestmark = [pytest.mark.live, pytest.mark.any_postgres]

IMPORT, EXPORT = "POST /workspace/import", "GET /workspace/export"
STATUS, LIST, DELETE = "GET /workspace/get-status", "GET /workspace/list", "POST /workspace/delete"
MKDIRS = "POST /workspace/mkdirs"


@pytest.fixture
def folder(workspace, identity):
    """A folder in the identity's home, which goes away with the test."""
    path = f"/Workspace/Users/{identity.user}/{new_id('folder')}"
    workspace.workspace.mkdirs(path)
    yield path
    workspace.workspace.delete(path, recursive=True)


def paths(objects):
    return sorted(one.path for one in objects)


@pytest.mark.route(MKDIRS, STATUS)
def test_folders_are_made_with_their_parents(workspace, folder):
    deep = f"{folder}/a/b/c"
    workspace.workspace.mkdirs(deep)
    workspace.workspace.mkdirs(deep)
    for path in (f"{folder}/a", deep):
        status = workspace.workspace.get_status(path)
        assert status.object_type == ObjectType.DIRECTORY
        assert status.path == path
        assert status.object_id


@pytest.mark.route(IMPORT, EXPORT, STATUS)
def test_an_upload_comes_back_byte_for_byte(workspace, folder):
    content = bytes(range(256)) * 64
    path = f"{folder}/data.bin"
    workspace.workspace.upload(path, io.BytesIO(content), format=ImportFormat.AUTO)
    assert workspace.workspace.download(path, format=ExportFormat.AUTO).read() == content
    status = workspace.workspace.get_status(path)
    assert status.object_type == ObjectType.FILE
    assert status.size == len(content)
    assert status.modified_at >= status.created_at > 1_600_000_000_000


@pytest.mark.route(IMPORT, EXPORT)
def test_an_import_in_json_comes_back_in_json(workspace, folder):
    content = "name: shop\ncommand: [./server]\n# ü\n".encode()
    path = f"{folder}/app.yaml"
    workspace.workspace.import_(path, content=base64.b64encode(content).decode(), format=ImportFormat.AUTO)
    assert base64.b64decode(workspace.workspace.export(path, format=ExportFormat.AUTO).content) == content
    assert workspace.workspace.download(path, format=ExportFormat.AUTO).read() == content


@pytest.mark.route(IMPORT, EXPORT)
def test_nothing_is_overwritten_unasked(workspace, folder):
    path = f"{folder}/app.yaml"
    workspace.workspace.upload(path, b"one", format=ImportFormat.AUTO)
    with refused(ResourceAlreadyExists, code="RESOURCE_ALREADY_EXISTS"):
        workspace.workspace.upload(path, b"two", format=ImportFormat.AUTO)
    with refused(ResourceAlreadyExists, code="RESOURCE_ALREADY_EXISTS"):
        workspace.workspace.import_(path, content=base64.b64encode(b"two").decode(), format=ImportFormat.AUTO)
    assert workspace.workspace.download(path).read() == b"one"
    workspace.workspace.upload(path, b"three", format=ImportFormat.AUTO, overwrite=True)
    assert workspace.workspace.download(path).read() == b"three"


@pytest.mark.route(IMPORT, EXPORT, STATUS)
def test_a_python_file_with_the_header_is_a_notebook(workspace, folder):
    content = b"# Databricks notebook source\nprint(1)\n"
    workspace.workspace.upload(f"{folder}/notebook.py", content, format=ImportFormat.AUTO)
    status = workspace.workspace.get_status(f"{folder}/notebook")
    assert (status.object_type, status.language) == (ObjectType.NOTEBOOK, Language.PYTHON)
    workspace.workspace.upload(f"{folder}/module.py", b"print(1)\n", format=ImportFormat.AUTO)
    assert workspace.workspace.get_status(f"{folder}/module.py").object_type == ObjectType.FILE


@pytest.mark.route(IMPORT)
def test_the_folder_has_to_be_there(workspace, folder):
    with refused(NotFound):
        workspace.workspace.upload(f"{folder}/missing/app.yaml", b"x", format=ImportFormat.AUTO)


@pytest.mark.route(IMPORT, LIST)
def test_a_list_names_what_is_in_the_folder(workspace, folder):
    workspace.workspace.mkdirs(f"{folder}/sub/subsub")
    workspace.workspace.upload(f"{folder}/one.txt", b"1", format=ImportFormat.AUTO)
    workspace.workspace.upload(f"{folder}/sub/zwei ü.txt", b"2", format=ImportFormat.AUTO)
    assert paths(workspace.workspace.list(folder)) == [f"{folder}/one.txt", f"{folder}/sub"]
    assert paths(workspace.workspace.list(folder, recursive=True)) == [f"{folder}/one.txt", f"{folder}/sub/zwei ü.txt"]
    assert paths(workspace.workspace.list(f"{folder}/sub/subsub")) == []


@pytest.mark.route(IMPORT, MKDIRS)
def test_a_file_in_the_way_of_a_folder(workspace, folder):
    workspace.workspace.upload(f"{folder}/file", b"1", format=ImportFormat.AUTO)
    with refused((ResourceAlreadyExists, BadRequest), code="RESOURCE_ALREADY_EXISTS"):
        workspace.workspace.mkdirs(f"{folder}/file")


@pytest.mark.route(IMPORT, STATUS, DELETE)
def test_deleting(workspace, folder):
    workspace.workspace.mkdirs(f"{folder}/sub")
    workspace.workspace.upload(f"{folder}/sub/file", b"1", format=ImportFormat.AUTO)
    with refused(BadRequest, code="DIRECTORY_NOT_EMPTY"):
        workspace.workspace.delete(f"{folder}/sub")
    workspace.workspace.delete(f"{folder}/sub/file")
    with refused(NotFound, code="RESOURCE_DOES_NOT_EXIST"):
        workspace.workspace.get_status(f"{folder}/sub/file")
    workspace.workspace.delete(f"{folder}/sub")
    with refused(NotFound, code="RESOURCE_DOES_NOT_EXIST"):
        workspace.workspace.delete(f"{folder}/sub")


@pytest.mark.route(EXPORT, STATUS, LIST)
def test_what_is_not_there(workspace, folder):
    path = f"{folder}/missing"
    for read in (
        lambda: workspace.workspace.get_status(path),
        lambda: list(workspace.workspace.list(path)),
        lambda: workspace.workspace.export(path),
        lambda: workspace.workspace.download(path),
    ):
        with refused(NotFound, code="RESOURCE_DOES_NOT_EXIST"):
            read()


@pytest.mark.route(IMPORT, EXPORT)
@pytest.mark.local_only("names what is not the run's own")
def test_a_path_does_not_leave_the_workspace(workspace, folder):
    for path in (f"{folder}/../../../../../../etc/passwd", "/Workspace/../../../../../../etc/passwd"):
        with refused((BadRequest, NotFound)):
            workspace.workspace.export(path)
        with refused((BadRequest, NotFound)):
            workspace.workspace.import_(path, content="eA==", format=ImportFormat.AUTO)
