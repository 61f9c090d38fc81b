# lakebase-swift · Apache License 2.0 · see LICENSE
"""What a live run says before it makes anything, and the question whether it may."""

import sys

# Who says yes has read it to the end.
YES = "yes"


def announcement(service, app, prefix, tests):
    """What a run is about to do, in which workspace, as whom."""
    lines = [
        f"The tests of `script/test interop` will run in this workspace ({tests}):",
        f"  host   {service.host}",
        f"  user   {service.user} (profile {service.profile})",
        (
            f"  app    {app.user} (profile {app.profile})"
            if app
            else "  app    none: tests that want a second identity are skipped"
        ),
        "",
        f"Everything that they make has a name that begins with {prefix} and is deleted at the end:",
        "  Lakebase projects and database instances, with branches, endpoints, roles and databases",
        "  apps, with their service principals and deployments",
        f"  folders below /Workspace/Users/{service.user}, and secret scopes",
        "Nothing else of the workspace is changed: a call that would is not sent.",
        "",
        "What may cost money: the computes of the projects and instances (1 to 8 CU, some at once) and their storage, and",
        "those of the apps, for as long as the run takes. All the tests take an hour or more.",
        "The workspace's limits count too: projects, branches, active computes, apps.",
    ]
    return "\n".join(lines)


def of_leftovers(service, found):
    lines = [f"In {service.host}, as {service.user}, these are of live runs that did not end:"]
    lines += [f"  {one}" for one in found]
    return "\n".join(lines)


def agreed(text, what, assume_yes, say, read=input, terminal=None):
    """Says the text and asks; without a terminal nobody can answer, which is a no."""
    say(text)
    say("")
    if assume_yes:
        return True
    if not (sys.stdin.isatty() if terminal is None else terminal):
        say("There is no terminal to ask on. Who has read this says so with --yes.")
        return False
    say(f"{what} Type {YES} to go on, anything else to leave it:")
    try:
        answer = read()
    except EOFError:
        answer = ""
    return answer.strip().lower() == YES
