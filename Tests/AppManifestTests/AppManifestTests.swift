//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AppManifest
import StrictYAML
import Testing

@Suite("app.yaml")
struct AppManifestTests {
    private func problems(_ text: String, _ strictness: AppManifest.Strictness = .strict) -> [String] {
        do {
            _ = try AppManifest.read(text.utf8, strictness)
            return []
        } catch {
            return "\(error)".split(separator: "\n").map(String.init)
        }
    }

    @Test func `a command as a list, values and resources`() throws {
        let text = """
            command: ["./server", "--port", "$DATABRICKS_APP_PORT", 8080]
            env:
              - name: LOG_LEVEL
                value: debug
              - name: COUNT
                value: 010
              - name: LAKEBASE_ENDPOINT
                valueFrom: postgres
            """
        let (manifest, warnings) = try AppManifest.read(text.utf8)
        #expect(warnings.isEmpty)
        #expect(manifest.command == ["./server", "--port", "$DATABRICKS_APP_PORT", "8080"])
        #expect(
            manifest.env == [
                .init("LOG_LEVEL", .value("debug")), .init("COUNT", .value("010")),
                .init("LAKEBASE_ENDPOINT", .valueFrom("postgres")),
            ])
    }

    @Test(arguments: [
        ("python  app.py", ["python", "app.py"]),
        (#"sh -c 'echo "a b"; exit'"#, ["sh", "-c", "echo \"a b\"; exit"]),
        (#"./a\ b "c \" d" '' e"f"g"#, ["./a b", "c \" d", "", "efg"]),
    ])
    func `a command as a line is split as a shell would`(line: String, words: [String]) throws {
        let (manifest, _) = try AppManifest.read("command: |-\n  \(line)".utf8)
        #expect(manifest.command == words)
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "{}", "~"])
    func `a file that says nothing is a manifest that says nothing`(text: String) throws {
        if text == "~" {
            #expect(self.problems(text) == ["app.yaml:1:1: 'app.yaml' has to be a mapping, and is nothing"])
        } else {
            #expect(try AppManifest.read(text.utf8).manifest == AppManifest())
        }
    }

    @Test func `every mistake at once, with its line, in order`() {
        let found = self.problems(
            """
            comand: [x]
            env:
              - name: 1A
                value: x
              - name: A
                value_from: postgres
              - name: B
                value: 1
                valueFrom: x
              - name: B
                value: [1]
              - just text
            """)
        #expect(
            found == [
                "app.yaml:1:1: there is no key 'comand' in app.yaml; did you mean 'command'?",
                "app.yaml:3:11: '1A' cannot be the name of a variable: letters, digits and underscores, and no digit at the "
                    + "beginning",
                "app.yaml:5:5: a variable needs 'value' or 'valueFrom'",
                "app.yaml:6:5: there is no key 'value_from' in a variable; did you mean 'valueFrom'?",
                "app.yaml:7:5: a variable needs only one of 'value' or 'valueFrom'",
                "app.yaml:10:11: the variable 'B' occurs twice",
                "app.yaml:11:12: 'value' has to be the value of a variable, and is a list",
                "app.yaml:12:5: 'env[5]' has to be a mapping, and is text",
            ])
    }

    @Test func `lenient reading warns of keys, and refuses a command that is none`() throws {
        let (manifest, warnings) = try AppManifest.read("command: [x]\nresources: []\n".utf8, .lenient)
        #expect(manifest.command == ["x"])
        #expect(warnings.map(\.message) == ["there is no key 'resources' in app.yaml; known: command, env"])
        #expect(warnings.map(\.place.line) == [2])
        #expect(self.problems("command: {}", .lenient).count == 1)
        #expect(self.problems("command: []", .lenient).count == 1)
        #expect(self.problems("command: \"it's\"", .lenient).count == 1)
    }

    @Test func `lenient reading takes variables as they can be, with a warning each`() throws {
        let text = """
            env:
              - {name: HOST, valueFrom: "system.databricks_host"}
              - {name: my-level, value: 1}
              - {name: A}
              - {name: "B=C", value: x}
              - {name: HOST, value: y}
              - text
            """
        let (manifest, warnings) = try AppManifest.read(text.utf8, .lenient)
        #expect(
            manifest.env == [
                .init("HOST", .valueFrom("system.databricks_host")), .init("my-level", .value("1")),
                .init("HOST", .value("y")),
            ])
        #expect(warnings.map(\.place.line).sorted() == [2, 3, 4, 5, 6, 7])
        #expect(self.problems(text).count == 6)
        #expect(try AppManifest.read("env:\n".utf8, .lenient).manifest.env.isEmpty)
    }

    private static let nasty = [
        "", " ", "no", "NO", "~", "null", "1", "010", "1:20", "0x1f", "1e3", ".inf", "<<", "=", "- a", "a: b", "#c",
        "a #c",
        "&a", "*a", "!a", "%a", "@a", "`a", "{", "[", "]", "\"", "'", "\\", "\\n", "\n", "a\nb", "\n\n", "a\n", " a",
        "a ",
        "\t", "\r\n", "\u{85}", "\u{2028}", "a\u{FEFF}", "\u{1}", "\u{1B}[31m", "\u{7F}", "ä", "🦀", "e\u{301}", "---",
        "...",
        "--- a", "$DATABRICKS_APP_PORT", "projects/p/branches/b/endpoints/e", "2026-11-21",
        String(repeating: "x ", count: 900),
    ]

    @Test(arguments: nasty)
    func `what is written reads back`(text: String) throws {
        var manifest = AppManifest(env: [.init("A", .value(text)), .init("B", .value(text + text))])
        if !text.isEmpty { manifest.command = [text, "", text] }
        let yaml = try manifest.yaml()
        #expect(try AppManifest.read(yaml.utf8).manifest == manifest, "\(yaml)")
    }

    @Test func `what is written looks as people write it`() throws {
        let manifest = AppManifest(
            command: ["./start", "--port"],
            env: [.init("LAKEBASE_ENDPOINT", .valueFrom("postgres")), .init("PATH_TO", .value("a:b"))])
        #expect(
            try manifest.yaml() == """
                command:
                - "./start"
                - "--port"
                env:
                - name: "LAKEBASE_ENDPOINT"
                  valueFrom: "postgres"
                - name: "PATH_TO"
                  value: "a:b"

                """)
        #expect(try AppManifest.read(AppManifest().yaml().utf8).manifest == AppManifest())
    }

    @Test(arguments: [
        AppManifest(command: []), AppManifest(command: ["a\0b"]), AppManifest(env: [.init("a b", .value(""))]),
        AppManifest(env: [.init("A", .value("1")), .init("A", .value("2"))]),
        AppManifest(env: [.init("A", .valueFrom("x y"))]),
        // Foundation takes a byte order mark off the beginning of a text, so it could not be read back.
        AppManifest(env: [.init("A", .value("\u{FEFF}"))]),
    ])
    func `what no file may say is not written`(manifest: AppManifest) {
        #expect(throws: YAMLFileError.self) { try manifest.yaml() }
    }
}
