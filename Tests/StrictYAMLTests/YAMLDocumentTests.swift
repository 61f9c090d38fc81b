//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AppManifest
import StrictYAML
import TestSupport
import Testing

@Suite("Reading YAML")
struct YAMLDocumentTests {
    private func problems(_ text: String) -> [String] {
        YAMLDocument(text.utf8, file: "f").problems.map { "\($0.place) \($0.message)" }
    }

    @Test func `values keep their places and what is written`() throws {
        let document = YAMLDocument("a:\n  b: [1, 'two', yes]\nc: ~\n".utf8, file: "f")
        #expect(document.problems.isEmpty)
        let root = try #require(document.root)
        let list = try #require(root["a"]?["b"])
        #expect(list.place == YAMLPlace(line: 2, column: 6))
        #expect(list.items.map(\.place.column) == [7, 10, 17])
        #expect(list.items.map(\.text) == ["1", "two", "yes"])
        #expect(list.items.map(\.number) == [1, nil, nil])
        #expect(list.items.map(\.boolean) == [nil, nil, nil])
        #expect(root["c"]?.text == nil && root["c"] != nil)
        #expect(root.entries.map(\.place) == [YAMLPlace(line: 1, column: 1), YAMLPlace(line: 3, column: 1)])
    }

    @Test(arguments: [
        ("", YAMLScalar.Kind.null), ("~", .null), ("null", .null), ("true", .boolean(true)), ("FALSE", .boolean(false)),
        ("yes", .text), ("off", .text), ("0", .number(0)), ("-1.50", .number(-1.5)), ("1e3", .number(1000)),
        ("1.", .number(1)),
        ("0x10", .text), ("1_000", .text), ("1:20", .text), (".5", .text), (".inf", .text), ("1e999", .text),
        ("+", .text),
    ])
    func `scalars mean what YAML 1.2 says`(text: String, kind: YAMLScalar.Kind) {
        #expect(YAMLScalar(text, isQuoted: false).kind == kind)
        #expect(YAMLScalar(text, isQuoted: true).kind == .text)
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", "3:1 the same key more than once: 'a'; the first is in line 1"),
        ("x:\n  a: 1\n  \"a\": 3\n", "3:3 the same key more than once: 'a'; the first is in line 2"),
        ("{a: 1, a: 2}", "1:2 the same key more than once: 'a'; the first is in line 1"),
        ("a: 1\n---\nb: 2\n", "2:1 a second document begins here; the file may have only one"),
        ("a: &x 1\nb: *x\n", "2:4 anchors and aliases (&x, *x) are not read here; write the value out"),
        ("b: *x\n", "1:4 this is no YAML: found undefined alias"),
        ("a:\n  <<: {b: 1}\n", "2:3 merge keys (<<) are not read here; write the keys out"),
        ("a: !secret x\n", "1:4 the tag !secret is not read here; leave it out"),
        (
            "a: !!python/object:os.system x\n",
            "1:4 the tag tag:yaml.org,2002:python/object:os.system is not read here; "
                + "leave it out"
        ),
        ("? [a]\n: 1\n", "1:3 a key has to be text"),
        ("a: [1\n", "2:1 this is no YAML: while parsing a flow sequence: did not find expected ',' or ']'"),
        ("a: b: c\n", "1:5 this is no YAML: mapping values are not allowed in this context"),
        (
            "a:\n\tb: 1\n",
            "2:1 this is no YAML: while scanning for the next token: found character that cannot start any token"
        ),
        ("a: \u{1}\n", "1:4 control characters are not allowed"),
    ])
    func `a mistake is named with its place`(text: String, problem: String) {
        #expect(self.problems(text) == [problem])
    }

    @Test(arguments: [
        "# once &x was here\na: 1 # and *x\n",
        "command: [\"sh\", \"-c\", \"run &job; ls *job\"]\n",
        "a: 'R&D and *D'\nb: it's &b *b\n",
        "a: |\n  &x\n  *x\n",
        "a: x &y *y\n",
        "a: &x 1\nb: 2 # *x\n",
    ])
    func `what only looks like an anchor and an alias is text`(text: String) {
        // In the last one there is an anchor, and no alias: what may be one is taken for it, on the safe side.
        #expect(self.problems(text).isEmpty == !text.hasPrefix("a: &x"))
    }

    @Test func `standard tags say what is there anyhow`() {
        let document = YAMLDocument("a: !!str 1\nb: !!map {c: !!seq []}\n".utf8, file: "f")
        #expect(document.problems.isEmpty)
        #expect(document.root?["a"]?.number == nil)
        #expect(document.root?["a"]?.text == "1")
    }

    @Test func `bytes that are no UTF-8 are named with their place`() {
        let bytes = Array("a: 1\nbä: ".utf8) + [0xFF]
        let document = YAMLDocument(bytes, file: "f")
        #expect(document.problems.map { "\($0.place)" } == ["2:5"])
        #expect(
            YAMLDocument([UInt8](repeating: 0x61, count: YAMLDocument.maximumSize + 1), file: "f").problems.count == 1)
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "\n a:"])
    func `deep nesting is refused`(piece: String) {
        let text =
            piece == "\n a:"
            ? (0..<1000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
            : String(repeating: piece, count: 5000)
        #expect(self.problems(text).count == 1)
        #expect(self.problems(text).first?.hasSuffix("the file is nested too deeply") == true)
    }

    @Test func `nesting within the limit is read`() {
        let text = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(self.problems(text) == [])
        #expect(self.problems((0..<100).map { String(repeating: " ", count: $0) + "a:\n" }.joined()) == [])
    }

    @Test func `aliases that multiply each other take no time`() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1..<60 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        text += "? *a59\n: 1\n"
        #expect(self.problems(text).count == 1)
    }

    @Test func `bytes at random end in a value or in mistakes`() {
        let seeds = [
            "command: [\"./server\", '--port', $PORT]\nenv:\n  - name: A\n    value: |\n      text\n  - {name: B, valueFrom: x}\n",
            "a: &x !!str \"\\x41\\u00e4\"\nb: >-\n  folded\n? k\n: v\n...\n",
            "%YAML 1.1\n---\n- - a\n  - {b: [c, d]}\n- ~\n",
        ]
        let pieces: [[UInt8]] =
            [
                "\n", ": ", "- ", "[", "]", "{", "}", "\"", "'", "|", ">", "&a", "*a", "!", "?", "\t", "---\n", "\\u",
                "#",
            ]
            .map { Array($0.utf8) } + [[0], [0xFF], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF], [0xC2]]
        var random = SplitMix64(seed: 20_261_121)
        var read = 0
        for round in 0..<6000 {
            var bytes = Array(seeds[round % seeds.count].utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let at = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: at)
                case 1 where at < bytes.count: bytes.remove(at: at)
                case 2 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &random)
                default: bytes.removeSubrange(min(at, bytes.count)..<min(at + 5, bytes.count))
                }
            }
            let document = YAMLDocument(bytes, file: "f")
            if let root = document.root, document.problems.isEmpty {
                read += 1
                var checker = YAMLChecker()
                checker.check(root, AppManifest.shape, "f")
            }
            _ = try? AppManifest.read(bytes, .lenient)
        }
        #expect(read > 500, "the mutations leave nothing to read")
    }
}
