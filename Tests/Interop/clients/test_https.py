# lakebase-swift · Apache License 2.0 · see LICENSE
"""`lakebase dev --https`: clients that force https onto the host find it with nothing but the environment they are given."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from support.debian import program
from support.local_lakebase import LocalLakebase

pytestmark = pytest.mark.local_only("a real workspace has no other address")

AUTHORITIES = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"]


@pytest.fixture(scope="module")
def secure_lakebase():
    """A local Lakebase with an https address."""
    lakebase = LocalLakebase("--https")
    lakebase.folder = Path(lakebase.developer.root_certificate).parent
    yield lakebase
    lakebase.stop()


@pytest.fixture(scope="module")
def environment(secure_lakebase):
    """What a command after `--` would find, and no more."""
    plain = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "NO_PROXY": os.environ["NO_PROXY"]}
    return plain | secure_lakebase.developer.environment


def run(command, environment, expected=0):
    done = subprocess.run(
        [os.fspath(part) for part in command],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout if expected == 0 else done.stdout + done.stderr


def python(text, environment, *arguments):
    return run([sys.executable, "-c", textwrap.dedent(text), *arguments], environment).strip()


def without(environment, *names):
    return {name: value for name, value in environment.items() if name not in names}


def bare(environment):
    """As programs have it that put the scheme before the host themselves."""
    return environment | {"DATABRICKS_HOST": environment["DATABRICKS_HOST"].removeprefix("https://")}


def test_what_is_given_out(secure_lakebase, environment):
    assert environment["DATABRICKS_HOST"].startswith("https://127.0.0.1:")
    authority = (secure_lakebase.folder / "ca.pem").read_text()
    for name in AUTHORITIES:
        if name != "CURL_CA_BUNDLE":
            assert authority in Path(environment[name]).read_text(), name
    # What is trusted here is trusted still.
    system = Path(os.environ.get("SSL_CERT_FILE") or "/etc/ssl/certs/ca-certificates.crt")
    if system.exists():
        assert system.read_text() in Path(environment["SSL_CERT_FILE"]).read_text()


@pytest.mark.parametrize("host", ["as given", "without a scheme"])
@pytest.mark.parametrize("who", ["developer", "app"])
def test_the_sdk_of_python(secure_lakebase, environment, who, host):
    identity = getattr(secure_lakebase, who)
    variables = without(environment, *secure_lakebase.developer.environment) | identity.environment
    program = """
        from databricks.sdk import WorkspaceClient
        w = WorkspaceClient()
        print(w.config.host, w.current_user.me().user_name, len(list(w.postgres.list_projects())))
    """
    said = python(program, bare(variables) if host != "as given" else variables)
    assert said == f"{environment['DATABRICKS_HOST']} {identity.user} 1"


def test_the_sdk_refuses_it_without_the_authority(environment):
    said = run(
        [
            sys.executable,
            "-c",
            "from databricks.sdk import WorkspaceClient as W; from databricks.sdk.core import Config as C\n"
            "W(config=C(retry_timeout_seconds=1, http_timeout_seconds=5)).current_user.me()",
        ],
        without(environment, *AUTHORITIES),
        expected=1,
    )
    assert "CERTIFICATE_VERIFY_FAILED" in said or "certificate verify failed" in said


def test_the_ai_bridge(environment):
    program = """
        import os
        from databricks_ai_bridge.lakebase import LakebasePool
        pool = LakebasePool(autoscaling_endpoint=os.environ["LAKEBASE_ENDPOINT"], min_size=1, max_size=1)
        with pool.connection() as connection:
            print(connection.execute("SELECT session_user AS name").fetchone()["name"])
        pool.close()
    """
    assert python(program, environment) == environment["PGUSER"]


def test_pythons_own_strict_verification(environment):
    """What Python verifies from 3.13 on, asked for here whatever the version."""
    program = """
        import os, ssl, urllib.request
        context = ssl.create_default_context()
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        for host in [os.environ["DATABRICKS_HOST"], os.environ["DATABRICKS_HOST"].replace("127.0.0.1", "localhost")]:
            print(urllib.request.urlopen(host + "/oidc/jwks.json", context=context).status)
    """
    assert python(program, environment) == "200\n200"


def test_curl(environment):
    curl = [program("curl"), "--silent", "--show-error", "--fail", environment["DATABRICKS_HOST"] + "/oidc/jwks.json"]
    assert "keys" in json.loads(run(curl, environment))
    assert "certificate" in run(curl, without(environment, *AUTHORITIES), expected=60)


def test_the_fetch_of_node(environment):
    script = """
        const answer = await fetch(process.env.DATABRICKS_HOST + '/api/2.0/preview/scim/v2/Me',
            { headers: { Authorization: 'Bearer ' + process.env.DATABRICKS_TOKEN } });
        console.log(answer.status, (await answer.json()).userName);
    """
    node = [program("node"), "--input-type=module", "-e", script]
    assert run(node, environment).strip() == f"200 {environment['PGUSER']}"


def test_what_is_found_is_of_the_scheme_that_was_asked(environment):
    host = environment["DATABRICKS_HOST"]
    for base in [host, host.replace("https://", "http://")]:
        curl = [program("curl"), "--silent", "--fail"]
        config = json.loads(run([*curl, base + "/.well-known/databricks-config"], environment))
        assert config["oidc_endpoint"] == base + "/oidc"
        found = json.loads(run([*curl, base + "/oidc/.well-known/oauth-authorization-server"], environment))
        assert {value.split("/oidc")[0] for key, value in found.items() if "/oidc" in str(value)} == {base}


def test_the_command_by_a_profile(secure_lakebase, environment, tmp_path):
    """A profile has an address and a token, and nothing of certificates: SSL_CERT_FILE says those."""
    profile = tmp_path / "databrickscfg"
    profile.write_text(f"[secure]\nhost = {environment['DATABRICKS_HOST']}\ntoken = {environment['DATABRICKS_TOKEN']}\n")
    profile.chmod(0o600)
    plain = {name: environment[name] for name in ["PATH", "HOME", "NO_PROXY"]}
    plain["DATABRICKS_CONFIG_FILE"] = os.fspath(profile)
    command = [os.environ["LAKEBASE_COMMAND"], "branches", "list", "--project", "local", "--profile", "secure"]
    for name in ["ca.pem", "ca-bundle.pem"]:
        said = run(command, plain | {"SSL_CERT_FILE": os.fspath(secure_lakebase.folder / name)})
        assert "production" in said
    refused = run(command, plain, expected=1)
    assert "set SSL_CERT_FILE" in refused


def test_the_command_finds_a_running_one(secure_lakebase, environment):
    command = [os.environ["LAKEBASE_COMMAND"], "dev", "status"]
    assert "projects/local" in run([*command, "--data", secure_lakebase.folder], environment)
    assert "projects/local" in run(command, environment)


def test_a_client_that_keeps_its_connection_does_not_hold_up_the_end():
    lakebase = LocalLakebase("--https")
    program = """
        import os, requests, sys, time
        session = requests.Session()
        assert session.get(os.environ["DATABRICKS_HOST"] + "/oidc/jwks.json").ok
        print("kept", flush=True)
        sys.stdin.read()
    """
    environment = {"PATH": os.environ["PATH"], "NO_PROXY": os.environ["NO_PROXY"]} | lakebase.developer.environment
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as keeper:
        try:
            assert keeper.stdout.readline() == "kept\n"
            began = time.monotonic()
            lakebase.stop()
            # The farewell of TLS stays unanswered, which is waited for no longer than a moment.
            assert time.monotonic() - began < 4
        finally:
            keeper.send_signal(signal.SIGTERM)
