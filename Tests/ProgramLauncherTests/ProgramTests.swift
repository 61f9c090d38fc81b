//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import ProgramLauncher
import Testing

@Suite("Programs are run to their end, and end with their task", .timeLimit(.minutes(2)))
struct ProgramTests {
    @Test func `outputs are apart, with the input, the folder and the variables that were given`() async throws {
        let outcome = try await Program(
            "sh", ["-c", "cat; pwd; echo \"$WORD\" >&2; exit 3"], environment: .inherited(changes: ["WORD": "a b"]),
            workingFolder: "/", input: .bytes(Array("in\n".utf8))
        ).collectingOutput()
        #expect(outcome.status == .exited(3) && !outcome.status.isSuccess)
        #expect(outcome.text == "in\n/\n" && outcome.errors == Array("a b\n".utf8))
    }

    @Test func `a program without input reads an empty one, and gets no other variables`() async throws {
        let outcome = try await Program(
            "/bin/sh", ["-c", "cat; echo \"${HOME-none} $ONE\""], environment: .exactly(["ONE": "1"])
        ).collectingOutput()
        #expect(outcome.text == "none 1\n" && outcome.status.isSuccess)
    }

    @Test func `input that a program does not read ends with the program, and with the task`() async throws {
        let input = [UInt8](repeating: UInt8(ascii: "x"), count: 8 << 20)
        // Whether that is an error is up to when the program ends.
        _ = try? await Program("sh", ["-c", "exit 0"], input: .bytes(input)).collectingOutput()
        for combined in [true, false] {
            let (lines, continuation) = AsyncStream.makeStream(of: String.self)
            let streaming = Task {
                try await Program("sh", ["-c", "echo ready; sleep 600"], input: .bytes(input)).streamingLines {
                    continuation.yield($0)
                }
            }
            var iterator = lines.makeAsyncIterator()
            #expect(await iterator.next() == "ready")
            let collecting = Task {
                try await Program("sleep", ["600"], input: .bytes(input)).collectingOutput(combined: combined)
            }
            streaming.cancel()
            collecting.cancel()
            await #expect(throws: CancellationError.self) { try await streaming.value }
            await #expect(throws: CancellationError.self) { try await collecting.value }
        }
    }

    @Test func `a signal is a status`() async throws {
        let status = try await Program("sh", ["-c", "kill -9 $$"]).streamingLines { _ in }
        #expect(status == .signalled(9) && status.shellStatus == 137)
    }

    @Test func `what cannot be started says why`() async throws {
        await #expect(throws: ProgramError.notFound(program: "no-such-program")) {
            try await Program("no-such-program").collectingOutput()
        }
        await #expect(throws: ProgramError.self) { try await Program("/no/such/program").collectingOutput() }
        await #expect(throws: ProgramError.self) {
            try await Program("true", workingFolder: "/no/such").collectingOutput()
        }
    }

    @Test func `output beyond the limit ends the program, or is left out`() async throws {
        let endless = Program("sh", ["-c", "while :; do echo 0123456789; done"])
        await #expect(throws: ProgramError.tooMuchOutput(program: "sh", limit: 1000)) {
            try await endless.collectingOutput(.refuse(beyond: 1000))
        }
        let outcome = try await Program("sh", ["-c", "seq 100000; echo end >&2"]).collectingOutput(.keep(first: 4))
        #expect(outcome.text == "1\n2\n" && outcome.errors == Array("end\n".utf8) && outcome.status.isSuccess)
    }

    @Test func `a limit of time ends a program that ignores SIGTERM, and what it started`() async throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "launcher-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: place) }
        let program = Program(
            "sh",
            [
                "-c",
                "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > \(place).part; mv \(place).part \(place); sleep 600'",
            ],
            timeLimit: .seconds(2), grace: .milliseconds(100))
        await #expect(throws: ProgramError.timedOut(program: "sh", limit: .seconds(2))) {
            try await program.collectingOutput()
        }
        // On a machine that was too busy to start it there is nothing to end.
        if let text = try? String(contentsOfFile: place, encoding: .utf8) {
            let number = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            try await Self.isGone(number)
        }
    }

    @Test func `cancelling ends what the program started, though only that ignores SIGTERM`() async throws {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        let run = Task {
            try await Program(
                "sh", ["-c", "sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done' & wait"], grace: .seconds(60)
            ).streamingLines { continuation.yield($0) }
        }
        var iterator = lines.makeAsyncIterator()
        let number = try #require(await iterator.next().flatMap { Int32($0) })
        run.cancel()
        await #expect(throws: CancellationError.self) { try await run.value }
        try await Self.isGone(number)
    }

    /// Waits until a process has ended; one that init has not yet reaped counts as ended.
    private static func isGone(_ process: Int32) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
            if kill(process, 0) != 0 || state?.contains(") Z ") == true { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("process \(process) is still there")
    }
}
