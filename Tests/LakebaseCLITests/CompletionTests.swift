//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@Suite("shell completion", .serialized)
struct CompletionTests {
    /// What bash offers for a command line with the cursor at its end.
    private static func complete(_ line: String, _ environment: [String: String] = [:]) async throws -> [String] {
        let script = """
            PATH="$0:$PATH"
            eval "$(lakebase --generate-completion-script bash)"
            COMP_LINE="$1"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMP_KEY=9
            read -r -a COMP_WORDS <<< "$COMP_LINE"
            [[ "$COMP_LINE" == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            function=$(complete -p lakebase | sed 's/.*-F \\([^ ]*\\).*/\\1/')
            "$function" lakebase "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let run = try await CommandRun.run(
            "/bin/bash", ["--norc", "-c", script, CommandRun.folder.path, line], environment: environment)
        #expect(run.status == 0, "\(run.errors)")
        return run.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test("bash completes commands, options and values")
    func bash() async throws {
        #expect(try await Self.complete("lakebase br") == ["branches"])
        #expect(Set(try await Self.complete("lakebase branches ")).isSuperset(of: ["create", "list", "get", "delete"]))
        #expect(try await Self.complete("lakebase query --form") == ["--format"])
        #expect(Set(try await Self.complete("lakebase query --format ")) == ["table", "json", "csv"])
        #expect(try await Self.complete("lakebase env --format sh") == ["shell"])
    }

    @Test("branches and profiles are completed by their names")
    func names() async throws {
        try await DevRun.with { run in
            let made = try await CommandRun.run(
                "lakebase", ["branches", "create", "preview", "--ttl", "1h"], environment: run.environment)
            #expect(made.status == 0, "\(made.errors)")
            #expect(try await Self.complete("lakebase psql --branch ", run.environment) == ["preview", "production"])
            #expect(try await Self.complete("lakebase branches delete pre", run.environment) == ["preview"])
            // Without an endpoint in the environment, the command line names the project.
            var elsewhere = run.environment
            elsewhere["LAKEBASE_ENDPOINT"] = nil
            let named = try await Self.complete("lakebase migrate up --project local --branch ", elsewhere)
            #expect(named == ["preview", "production"])
            #expect(try await Self.complete("lakebase env --branch ", elsewhere).allSatisfy { $0.isEmpty })
            let scratch = try Scratch()
            let file = try scratch.path(of: "cfg", text: "[DEFAULT]\nhost = x\n[work]\nhost = y\n")
            #expect(try await Self.complete("lakebase query --profile w", ["DATABRICKS_CONFIG_FILE": file]) == ["work"])
        }
        // No workspace to ask is no reason to hang or to say anything.
        #expect(try await Self.complete("lakebase psql --branch ").allSatisfy { $0.isEmpty })
    }

    @Test("zsh and fish get their scripts", arguments: ["zsh", "fish"])
    func others(shell: String) async throws {
        let script = try await CommandRun.run("lakebase", ["--generate-completion-script", shell])
        #expect(script.status == 0 && script.output.contains("branches") && script.output.contains("psql"))
    }
}
