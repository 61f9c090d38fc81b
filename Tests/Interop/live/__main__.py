# lakebase-swift · Apache License 2.0 · see LICENSE
"""`script/test live`: asks, runs the tests on `lakebase dev` and on the service, takes everything away, reports."""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from live import leftovers, question, recording, report, service
from live.processes import run_pytest
from live.target import ANY_RUN, FAMILY, Target
from support.local_lakebase import LocalLakebase
from support.postgres_versions import WHEEL

REPORT = Path(__file__).parents[3] / ".build" / "live" / "report"
REFUSED = 2
INTERRUPTED = 130
# pytest's own: tests failed, which is what the report is about; no test was chosen.
TESTS_FAILED, NO_TESTS = 1, 5


def arguments(given):
    parser = argparse.ArgumentParser(prog="script/test live", allow_abbrev=False, description=__doc__)
    parser.add_argument("profile", metavar="PROFILE", help="the workspace's section of ~/.databrickscfg")
    parser.add_argument(
        "--app-profile", metavar="PROFILE", help="a service principal of the same workspace, as second identity"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask; for those who have read what it would ask")
    parser.add_argument(
        "--clean", action="store_true", help="only find what earlier runs have left, ask, and delete it"
    )
    parser.add_argument("--report", metavar="FILE", help="where the report goes, as FILE.txt and FILE.json")
    return parser.parse_known_args(given)


def main(given):
    options, chosen = arguments(given)
    # A script that ends this one wants the workspace as clean as a person who types Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        file, roots = service.config_file(), service.root_certificates()
        # What the shell has of them would win over the profile.
        for name in [name for name in os.environ if name.startswith(("DATABRICKS_", "PG"))]:
            del os.environ[name]
        real = service.sign_in(options.profile, file)
        app = service.sign_in(options.app_profile, file) if options.app_profile else None
        if app and app.host != real.host:
            raise service.Refusal(f"The profiles are of two workspaces: {real.host} and {app.host}")
        if options.clean:
            return clean(options, [one for one in (real, app) if one])
        return run(options, chosen, real, app, roots)
    except service.Refusal as refusal:
        say(str(refusal))
        return REFUSED
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED


def clean(options, services):
    """Takes away what runs that were killed have left."""
    status = 0
    for one in services:
        found, unseen = leftovers.find(one.workspace, ANY_RUN)
        for reason in unseen:
            say(f"not looked at: {reason}")
        if not found:
            say(f"Nothing of live runs is left in {one.host} for {one.user}.")
            continue
        if not question.agreed(
            question.of_leftovers(one, found), "All of it will be deleted for good.", options.yes, say
        ):
            return REFUSED
        status = max(status, take_away(one, ANY_RUN, options))
    return status


def run(options, chosen, real, app, roots):
    prefix = f"{FAMILY}{secrets.token_hex(2)}-"
    tests = " ".join(chosen) or "all of them"
    text = question.announcement(real, app, prefix, tests)
    if not question.agreed(text, "This changes the workspace and may cost money.", options.yes, say):
        return REFUSED
    with tempfile.TemporaryDirectory(prefix="lakebase-live-") as folder:
        status, dev = on_dev(Path(folder), chosen, prefix, app is not None)
        if status not in (0, TESTS_FAILED):
            say("Nothing was made in the workspace: the tests do not run on `lakebase dev` either.")
            return status
        try:
            status = on_service(Path(folder), chosen, prefix, real, app, roots)
        finally:
            left = max(take_away(one, prefix, options) for one in (real, app) if one)
        write(options, real, app, prefix, dev, recording.read(Path(folder) / "service"))
    return left or (0 if status in (0, TESTS_FAILED) else status)


def on_dev(folder, chosen, prefix, with_app):
    """The same tests in a new `lakebase dev`, reached by profiles as the service is."""
    say("First on `lakebase dev`, to compare with.")
    # The server that has what the service's has, pgvector above all.
    lakebase = LocalLakebase("--postgres", WHEEL)
    try:
        if with_app:
            lakebase.make_administrator(lakebase.app)
        file = folder / "databrickscfg"
        file.touch(mode=0o600)
        file.write_text(lakebase.developer.profile("dev") + lakebase.app.profile("app"))
        roots = lakebase.developer.root_certificate
        target = Target(str(file), "dev", "app" if with_app else None, prefix, str(folder / "dev"), roots)
        status = run_pytest(target, folder, chosen)
    finally:
        lakebase.stop(limit=120)
    return status, recording.read(folder / "dev")


def on_service(folder, chosen, prefix, real, app, roots):
    say(f"Now in {real.host}.")
    second = app.profile if app else None
    target = Target(real.config_file, real.profile, second, prefix, str(folder / "service"), roots)
    return run_pytest(target, folder, chosen)


def take_away(one, prefix, options):
    """Deletes what has the prefix, and says what could not be; a second Ctrl-C meanwhile changes nothing."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN), signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        left = leftovers.delete(one.workspace, prefix, say)
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])
    if not left:
        say(f"Nothing that begins with {prefix} is left in {one.host} for {one.user}.")
        return 0
    say(f"These could not be deleted in {one.host}:")
    for name in left:
        say(f"  {name}")
    say(f"Try it again in a while: script/test live {options.profile} --clean")
    return 1


def write(options, real, app, prefix, dev, seen):
    known = service.known([one for one in (real, app) if one], prefix)
    said = subprocess.run([os.environ["LAKEBASE_COMMAND"], "--version"], capture_output=True, text=True).stdout.strip()
    versions = {
        "lakebase": said,
        "databricks-sdk": version("databricks-sdk"),
        "PostgreSQL of dev": dev.postgres,
        "PostgreSQL of the service": seen.postgres,
        "cloud": real.cloud,
    }
    made = report.make(dev, seen, versions, known)
    place = Path(os.environ.get("LAKEBASE_CALLED_FROM", ".")).absolute() / options.report if options.report else REPORT
    place.parent.mkdir(parents=True, exist_ok=True)
    texts = {".txt": report.as_text(made), ".json": report.as_json(made)}
    for end, text in texts.items():
        place.with_name(place.name + end).write_text(text)
    say("")
    say(texts[".txt"])
    say(
        f"The report is in {place}.txt and {place}.json: no value, host, name, address or id of the workspace is in it."
    )
    for value in known.leaks("".join(texts.values())):
        say(f"But {value!r} is, perhaps as a word of our own. Look at it before you send it.")


def say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
