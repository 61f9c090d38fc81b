//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import LakebaseCLI

@Suite("the environment file")
struct EnvironmentFileTests {
    @Test(
        "a value is quoted only if it has to be",
        arguments: [
            ("", ""), ("verify-full", "verify-full"), ("http://127.0.0.1:80/a_b.c-d@e%20,f+g=h", nil),
            ("/a b", "'/a b'"), ("$HOME `id` \"x\" \\", "'$HOME `id` \"x\" \\'"), ("it's", "\"it's\""),
            ("it's $a `b` \"c\" \\", "\"it's \\$a \\`b\\` \\\"c\\\" \\\\\""), ("~/x", "'~/x'"), ("a\nb", "'a\nb'"),
            ("é", "'é'"), ("#x", "'#x'"), ("a;b&c|d", "'a;b&c|d'"),
        ] as [(String, String?)])
    func quoting(value: String, expected: String?) {
        #expect(EnvironmentFile.quoted(value) == expected ?? value)
    }

    @Test("whatever the value, a shell reads it back")
    func roundTrip() async throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array(" abZ09'\"\\$`!#&;|<>()[]{}*?~=:%@,+-_./\n\té\u{301}漢😀")
        let values = (0..<200).map { _ in
            String((0..<Int.random(in: 0...12)).map { _ in alphabet.randomElement(using: &generator) ?? " " })
        }
        let scratch = try Scratch()
        let variables = values.enumerated().map { (name: "V\($0.offset)", value: $0.element) }
        let file = try scratch.path(of: "env", text: EnvironmentFile.text(variables))
        // Ends each value by a NUL, which none can have.
        let script =
            ". \"$1\"; i=0; while [ $i -lt 200 ]; do eval \"printf '%s\\\\0' \\\"\\$V$i\\\"\"; i=$((i+1)); done"
        let run = try await CommandRun.run("/bin/sh", ["-c", script, "sh", file])
        let read = run.output.unicodeScalars.split(separator: "\u{0}", omittingEmptySubsequences: false)
            .map { String($0) }
        #expect(Array(read.dropLast()) == values, "\(run.errors)")
    }

    @Test("the hint works in a shell that looks for plain names on PATH only")
    func hint() {
        #expect(EnvironmentFile.hint(".env") == "set -a; . ./.env; set +a")
        #expect(EnvironmentFile.hint("-x") == "set -a; . ./-x; set +a")
        #expect(EnvironmentFile.hint("/a b/env") == "set -a; . '/a b/env'; set +a")
    }
}
