//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("the pages of the Notes app", .serialized)
struct NotesPageTests {
    /// A page for people, with nothing of the inside.
    private func expectPage(
        _ answer: NotesRun.Answer, _ status: Int, _ words: String..., location: SourceLocation = #_sourceLocation
    ) {
        #expect(answer.status == status, "\(answer.text)", sourceLocation: location)
        #expect(answer.headers["content-type"] == "text/html; charset=utf-8", sourceLocation: location)
        #expect(answer.text.hasPrefix("<!doctype html>"), "\(answer.text)", sourceLocation: location)
        for word in words + ["Status \(status)", "href=\"/\""] {
            #expect(answer.text.contains(word), "\(word): \(answer.text)", sourceLocation: location)
        }
        for word in ["Error", "SELECT", "INSERT", "SQLSTATE", "notes.notes", "eyJ", "swift", "127."] {
            #expect(!answer.text.contains(word), "\(word): \(answer.text)", sourceLocation: location)
        }
    }

    @Test("errors are pages for browsers and JSON for others")
    func errors() async throws {
        try await DevRun.with(["--as", "app"]) { run in
            try await NotesRun.with(environment: run.environment) { notes in
                let form = Data("content=x".utf8)
                self.expectPage(try await notes.browser("GET", "/nothing"), 404, "There is no such page")
                self.expectPage(try await notes.browser("POST", "/notes/999", form: form), 404, "no such note")
                self.expectPage(try await notes.browser("POST", "/notes/999/delete"), 404, "no such note")
                self.expectPage(try await notes.browser("POST", "/notes/x%22%3Cb%3E", form: form), 404, "no such note")
                self.expectPage(
                    try await notes.browser("POST", "/notes/99999999999999999999/delete"), 404, "no such note")
                let wrong = try await notes.browser("GET", "/notes")
                self.expectPage(wrong, 405, "This address takes POST and nothing else")
                #expect(wrong.headers["allow"] == "POST")
                let deleted = try await notes.browser("DELETE", "/")
                self.expectPage(deleted, 405)
                #expect(deleted.headers["allow"] == "GET, HEAD")
                self.expectPage(
                    try await notes.browser(
                        "POST", "/notes", form: form, headers: ["Sec-Fetch-Site": "cross-site"]), 403, "another site")

                let plain = try await notes.send("GET", "/nothing", headers: ["Accept": "*/*"])
                #expect(plain.status == 404)
                #expect(plain.headers["content-type"]?.hasPrefix("application/json") == true)
                #expect(plain.text.hasPrefix("{\"error\":{\"message\":\""), "\(plain.text)")
                let rather = try await notes.send(
                    "GET", "/nothing", headers: ["Accept": "text/html;q=0.5, application/json"])
                #expect(rather.headers["content-type"]?.hasPrefix("application/json") == true)
                let head = try await notes.browser("HEAD", "/nothing")
                #expect(head.status == 404 && head.text.isEmpty)
            }
        }
    }

    @Test("a note that is none is refused with a page, and nothing is kept of it")
    func badNotes() async throws {
        try await DevRun.with(["--as", "app"]) { run in
            try await NotesRun.with(environment: run.environment) { notes in
                let cases: [(form: Data, words: String)] = [
                    (Data("content=\(String(repeating: "x", count: 1001))".utf8), "longer than 1000"),
                    (Data("content=\(String(repeating: "x", count: 3_000_000))".utf8), "longer than 1000"),
                    // 1001 units that are 91 characters.
                    (Data("content=\(String(repeating: "👨‍👩‍👧‍👦", count: 91))".utf8), "longer than 1000"),
                    (Data("content=%FF%FE".utf8), "not text in UTF-8"), (Data("content=%C3".utf8), "not text in UTF-8"),
                    (Data("content=".utf8) + Data([0xFF, 0xFE]), "not text in UTF-8"),
                    (Data("content=%zz".utf8), "not text in UTF-8"), (Data("content=%2".utf8), "not text in UTF-8"),
                    (Data("content=%00".utf8), "NUL"), (Data("content=++%20".utf8), "empty"),
                    (Data("text=x".utf8), "no field"), (Data(), "no field"),
                ]
                for (form, words) in cases {
                    for path in ["/notes", "/notes/1"] {
                        self.expectPage(try await notes.browser("POST", path, form: form), 400, words, "not saved")
                    }
                }
                let status = try await notes.send("GET", "/status")
                #expect(["\"notes\":3,", "\"notes\":3}"].contains { status.text.contains($0) }, "\(status.text)")
                // The longest there may be, with what would be markup.
                let long = String(repeating: "<b>", count: 333) + "&"
                let encoded = try #require(long.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
                let page = try await notes.browser("POST", "/notes", form: Data("content=\(encoded)".utf8))
                #expect(page.status == 200)
                #expect(page.text.contains("&lt;b&gt;") && !page.text.contains("<b>"))
            }
        }
    }

    @Test("while the database is away the answer is 503, with a time to try again")
    func databaseAway() async throws {
        var environment: [String: String] = [:]
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        try await DevRun.with(["--as", "app", "--data", data]) { run in
            environment = run.environment
            try await NotesRun.with(environment: run.environment) { notes in
                let before = try await notes.browser("GET", "/")
                #expect(before.status == 200)
                kill(run.processID, SIGTERM)
                try await run.process.ended()
                let page = try await notes.browser("GET", "/")
                self.expectPage(page, 503, "The database cannot be reached", "http-equiv=\"refresh\"")
                #expect(page.headers["retry-after"] == "5")
                let form = try await notes.browser("POST", "/notes", form: Data("content=x".utf8))
                self.expectPage(form, 503, "The database cannot be reached")
                // A form must not be sent again by itself.
                #expect(!form.text.contains("http-equiv"))
                let status = try await notes.send("GET", "/status")
                #expect(status.status == 503 && status.headers["retry-after"] == "5")
                #expect(status.headers["content-type"]?.hasPrefix("application/json") == true)

                // It comes back by itself, at the same addresses, with every note.
                try await DevRun.with(["--as", "app", "--data", data]) { again in
                    #expect(again.environment == environment)
                    let deadline = ContinuousClock.now + .seconds(120)
                    var after = try await notes.browser("GET", "/")
                    while after.status != 200, ContinuousClock.now < deadline {
                        after = try await notes.browser("GET", "/")
                    }
                    #expect(after.status == 200 && after.text.contains("Welcome to Lakebase!"), "\(after.text)")
                }
                let log = try notes.scratch.text("err") + notes.scratch.text("out")
                // The log has the cause.
                #expect(log.contains("A request failed") && log.contains("refused"), "\(log)")
            }
        }
    }

    @Test("a fault of the app is 500, without what it was")
    func ownFault() async throws {
        try await DevRun.with(["--as", "app"]) { run in
            try await NotesRun.with(environment: run.environment) { notes in
                let connection = try await run.connect()
                try await connection.query("ALTER TABLE notes.notes RENAME COLUMN content TO body")
                await connection.close()
                self.expectPage(try await notes.browser("GET", "/"), 500, "Something went wrong")
            }
        }
    }
}
