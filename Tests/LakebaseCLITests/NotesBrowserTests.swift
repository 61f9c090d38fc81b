//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@Suite("the Notes app in a browser", .serialized)
struct NotesBrowserTests {
    /// Texts that would run if any place of the page took them for markup.
    private static let hostile = [
        #"<script>window.ran = 1</script>"#,
        #"" autofocus onfocus="window.ran = 2" x=""#,
        #"'"><img src=x onerror="window.ran = 3">{{nonce}}</textarea></title>"#,
        #"</script><svg onload="window.ran = 4">&lt;b&gt;&amp;"#,
    ]

    /// The texts of the notes as the page shows them, the newest first.
    private static let notes =
        #"JSON.stringify([...document.querySelectorAll("li input[name=content]")].map(e => e.value))"#

    private func texts(_ browser: Browser) async throws -> [String] {
        let json = try #require(try await browser.evaluate(Self.notes) as? String)
        return try JSONDecoder().decode([String].self, from: Data(json.utf8))
    }

    @Test("notes are written, changed and deleted, and no text becomes markup", .timeLimit(.minutes(3)))
    func writing() async throws {
        try await DevRun.with(["--as", "app"]) { run in
            try await NotesRun.with(environment: run.environment) { notes in
                try await Browser.with { browser in
                    try await browser.open(notes.address)
                    try await browser.wait("document.querySelectorAll('li').length === 3")
                    for (index, text) in Self.hostile.enumerated() {
                        try await browser.fill("form.add input[name=content]", text)
                        try await browser.click("form.add button")
                        try await browser.wait("document.querySelectorAll('li').length === \(4 + index)")
                    }
                    #expect(try await self.texts(browser).prefix(4) == Self.hostile.reversed()[...])
                    // The page's own script runs: it asks for news every second.
                    try await browser.wait("document.getElementById('minted').textContent !== '–'")
                    #expect(try await browser.evaluate("window.ran === undefined") as? Bool == true)
                    #expect(try await browser.evaluate("document.querySelectorAll('img, svg').length") as? Int == 0)
                    #expect(try await browser.evaluate("document.scripts.length") as? Int == 1)

                    try await browser.fill("li:first-child input[name=content]", "changed <b>")
                    try await browser.click("li:first-child form:first-child button")
                    try await browser.wait(
                        "document.querySelector('li input[name=content]').defaultValue === 'changed <b>'")
                    try await browser.click("li:first-child form + form button")
                    try await browser.wait("document.querySelectorAll('li').length === 6")
                    #expect(try await self.texts(browser).first == Self.hostile[2])

                    try await browser.click("a[href='/status']")
                    try await browser.wait("document.querySelector('h1')?.textContent === 'Status'")
                    #expect(
                        try await browser.evaluate("document.getElementById('notes').textContent") as? String == "6")
                    let style = "getComputedStyle(document.querySelector('.facts')).display"
                    #expect(try await browser.evaluate(style) as? String == "grid", "the page's style is not used")
                }
            }
        }
    }

    @Test("what got into the page as markup all the same does not run")
    func policy() async throws {
        try await DevRun.with(["--as", "app"]) { run in
            try await NotesRun.with(environment: run.environment) { notes in
                try await Browser.with { browser in
                    try await browser.open(notes.address)
                    // As if the escaping had failed.
                    _ = try await browser.evaluate(
                        #"""
                        document.addEventListener("securitypolicyviolation", () => { window.held = true; });
                        document.querySelector("main").innerHTML += '<img src="/x" onerror="window.ran = 1">';
                        """#)
                    try await browser.wait("window.held === true")
                    #expect(try await browser.evaluate("window.ran === undefined") as? Bool == true)
                }
            }
        }
    }

    @Test("another site's form changes nothing, with the visitor's own browser and cookie")
    func otherSite() async throws {
        try await DevRun.with(["--as", "app"]) { run in
            try await NotesRun.with(environment: run.environment) { notes in
                try await Browser.with { browser in
                    try await browser.open(notes.address)
                    let form = "<form method=post action='\(notes.address)/notes'><input name=content value=forged>"
                    try await browser.open("data:text/html,\(form)<button>Win</button></form>")
                    try await browser.click("button")
                    try await browser.wait(
                        "document.querySelector('h1')?.textContent === 'That came from another site'")
                    try await browser.open(notes.address)
                    try await browser.wait("document.querySelectorAll('li').length === 3")
                    #expect(try await !self.texts(browser).contains("forged"))
                }
            }
        }
    }
}
