//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@Suite("the forms of the Notes app", .serialized)
struct NotesFormTests {
    @Test("a form without the mark of the app's own pages changes nothing")
    func foreignForms() async throws {
        try await DevRun.with(["--as", "app"]) { run in
            try await NotesRun.with(environment: run.environment) { notes in
                let token = notes.formToken
                let other = String(token.reversed())
                let cases: [(cookie: String?, form: String)] = [
                    (nil, "content=forged"), (nil, "content=forged&csrf=\(token)"),
                    ("notes=\(token)", "content=forged"), ("notes=\(token)", "content=forged&csrf="),
                    ("notes=\(token)", "content=forged&csrf=\(other)"),
                    ("notes=\(token)", "content=forged&csrf=\(token)&csrf=\(token)"),
                    ("notes=\(other)", "content=forged&csrf=\(token)"), ("notes=", "content=forged&csrf="),
                    ("notes=x", "content=forged&csrf=x"), ("__Host-notes=\(token)", "content=forged&csrf=\(token)"),
                ]
                for (cookie, form) in cases {
                    for path in ["/notes", "/notes/1", "/notes/1/delete"] {
                        let headers = cookie.map { ["Cookie": $0] } ?? [:]
                        let answer = try await notes.send("POST", path, form: Data(form.utf8), headers: headers)
                        #expect(answer.status == 403, "\(cookie ?? "-") \(form)")
                    }
                }
                let page = try await notes.browser("GET", "/")
                #expect(page.text.contains("Welcome to Lakebase!") && !page.text.contains("forged"))
                // A browser that has a cookie keeps it, so that pages in other windows stay good.
                let again = try await notes.browser("GET", "/", headers: ["Cookie": "a=b; notes=\(token)"])
                #expect(again.headers["set-cookie"] == nil && again.text.contains(token))
                let added = try await notes.browser("POST", "/notes", form: Data("content=mine".utf8))
                #expect(added.status == 200 && added.text.contains("value=\"mine\""))
            }
        }
    }

    @Test("behind TLS the cookie is for this host only, and pages say what may run in them")
    func headers() async throws {
        try await DevRun.with(["--as", "app"]) { run in
            try await NotesRun.with(environment: run.environment) { notes in
                let page = try await notes.browser("GET", "/", headers: ["X-Forwarded-Proto": "https"])
                let cookie = try #require(page.headers["set-cookie"])
                #expect(cookie.hasPrefix("__Host-notes=") && cookie.contains("Secure"))
                for path in ["/", "/status", "/nothing"] {
                    let first = try await notes.browser("GET", path)
                    let second = try await notes.browser("GET", path)
                    let policy = try #require(first.headers["content-security-policy"])
                    #expect(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"))
                    let nonce = try #require(policy.firstMatch(of: /script-src 'nonce-([0-9a-f]{32})'/)?.1)
                    #expect(first.text.contains("<style nonce=\"\(nonce)\">"))
                    #expect(second.headers["content-security-policy"] != policy)
                    #expect(first.headers["x-content-type-options"] == "nosniff")
                }
            }
        }
    }
}
