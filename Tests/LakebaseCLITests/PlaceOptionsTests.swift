//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Testing

@testable import LakebaseCLI

@Suite("the options that name a database")
struct PlaceOptionsTests {
    /// Commands that log in to a database, with what else they need.
    private static let commands: [[String]] = [
        ["doctor"], ["env"], ["token"], ["psql"], ["query", "-c", "SELECT 1"], ["migrate", "up"], ["migrate", "down"],
        ["migrate", "status"], ["migrate", "verify"], ["grants", "orphans"],
        ["grants", "plan", "--preset", "app", "--schema", "s", "r"],
        ["grants", "apply", "--preset", "app", "--schema", "s", "r"],
        ["grants", "verify", "--preset", "app", "--schema", "s", "r"], ["grants", "revoke", "--schema", "s", "r"],
        ["grants", "transfer", "--from", "a", "--to", "b"], ["roles", "list"],
        ["roles", "create", "a@b", "--type", "user"], ["roles", "delete", "r"],
    ]

    @Test("every command that logs in takes the same ones", arguments: Self.commands)
    func same(command: [String]) throws {
        for place in [
            ["--endpoint", "projects/p/branches/b/endpoints/e"], ["--branch", "b"],
            ["--branch", "b", "--project", "p"],
            ["--branch", "projects/p/branches/b"], ["--instance", "i"],
        ] {
            let words = command + place + ["--database", "d", "--user", "u", "--profile", "w"]
            #expect(throws: Never.self, "\(words)") { try LakebaseCommand.parseAsRoot(words) }
        }
    }

    @Test("those that contradict each other are refused by every command in the same words", arguments: Self.commands)
    func contradictions(command: [String]) {
        for (place, words) in [
            (["--endpoint", "e", "--branch", "b"], "--endpoint and --branch name two databases; use one of them"),
            (["--branch", "b", "--instance", "i"], "--branch and --instance name two databases; use one of them"),
            (
                ["--project", "p"],
                "--project says which project --branch is in; add --branch, or leave --project out"
            ),
            (
                ["--project", "p", "--branch", "projects/q/branches/b"],
                "--branch projects/q/branches/b names its project already; leave --project out, or give the branch by its id"
            ),
            (["--database", ""], "--database needs a name"), (["--profile", ""], "--profile needs a"),
        ] {
            do {
                _ = try LakebaseCommand.parseAsRoot(command + place)
                Issue.record("\(command + place) was taken")
            } catch {
                #expect(LakebaseCommand.message(for: error).contains(words), "\(command + place)")
                #expect(LakebaseCommand.exitCode(for: error) == .validationFailure)
            }
        }
    }

    @Test(
        "doctor does not mix the variables of a prefix with a place",
        arguments: ["--endpoint", "--branch", "--instance"])
    func prefix(option: String) {
        do {
            _ = try LakebaseCommand.parseAsRoot(["doctor", "--prefix", "ORDERS", option, "x"])
            Issue.record("\(option) was taken")
        } catch {
            #expect(LakebaseCommand.message(for: error) == "--prefix and \(option) name two databases; use one of them")
        }
    }

    @Test("the words of a command line have the values of options, however they are written")
    func words() {
        let words = CommandLineWords(["lakebase", "psql", "--project=a", "-p", "work", "--branch", ""])
        #expect(words.value(of: "--project") == "a" && words.value(of: "--profile", "-p") == "work")
        #expect(words.value(of: "--host") == nil && words.value(of: "--branch") == "")
    }
}
