//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import ProgramLauncher
import Testing

@Suite("Processes that a launched program cannot be", .timeLimit(.minutes(2)))
struct ChildProcessTests {
    /// Both ends of a pipe.
    ///
    /// - Parameter mayLeak: Whether a program that is started may inherit them, unlike all that this package opens.
    private static func pipe(mayLeak: Bool = false) throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(Foundation.pipe(&ends) == 0)
        if !mayLeak { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
        return (ends[0], ends[1])
    }

    /// What arrives until the last writer has closed its end.
    private static func text(_ descriptor: Int32) throws -> String {
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }

    #if os(Linux)
    @Test func `a child inherits the descriptors that it is given, and no others`() async throws {
        let (leaked, answer) = (try Self.pipe(mayLeak: true), try Self.pipe())
        defer { for end in [leaked.read, leaked.write] { close(end) } }
        let alone = try ChildProcess.spawn("/bin/ls", ["/proc/self/fd"], output: answer.write)
        close(answer.write)
        #expect(await alone.exit() == .status(0))
        // The last one is the folder that is being listed.
        #expect(try Self.text(answer.read) == "0\n1\n2\n3\n")

        let given = try Self.pipe(mayLeak: true)
        let script = "for n in /proc/self/fd/*; do echo ${n##*/}; done | sort -n > /dev/fd/\(given.write)"
        let shared = try ChildProcess.spawnInForeground(
            "sh", ["-c", script], environment: [Array("PATH=/usr/bin:/bin".utf8)], passing: [given.write],
            resetting: [SIGINT])
        close(given.write)
        #expect(await shared.exit() == .status(0))
        let numbers = try Self.text(given.read).split(separator: "\n").compactMap { Int32($0) }
        #expect(numbers.contains(given.write), "\(numbers)")
        for end in [leaked.read, leaked.write, given.read] where end > 3 {
            #expect(!numbers.contains(end), "\(numbers)")
        }
    }
    #endif

    @Test func `a child has a session of its own, and one in the foreground has ours`() async throws {
        for isShared in [false, true] {
            let answer = try Self.pipe(mayLeak: isShared)
            let script = "ps -o sid= -p $$ > /dev/fd/\(isShared ? answer.write : 1)"
            let child =
                isShared
                ? try ChildProcess.spawnInForeground(
                    "sh", ["-c", script], environment: [Array("PATH=/usr/bin:/bin".utf8)], passing: [answer.write],
                    resetting: [])
                : try ChildProcess.spawn("/bin/sh", ["-c", script], output: answer.write)
            close(answer.write)
            #expect(await child.exit() == .status(0))
            let session = Int32(try Self.text(answer.read).trimmingCharacters(in: .whitespacesAndNewlines))
            #expect(session == (isShared ? getsid(0) : child.processID))
        }
    }

    @Test func `the environment is passed byte by byte`() async throws {
        let answer = try Self.pipe(mayLeak: true)
        let shell = try ChildProcess.spawnInForeground(
            "/bin/sh", ["-c", "printf %s \"$A\" > /dev/fd/\(answer.write)"],
            environment: [Array("A=".utf8) + [0xE9, 0x3D]],
            passing: [answer.write], resetting: [])
        close(answer.write)
        #expect(await shell.exit().shellStatus == 0)
        let bytes = try FileHandle(fileDescriptor: answer.read, closeOnDealloc: true).readToEnd()
        #expect(bytes == Data([0xE9, 0x3D]))
    }

    @Test func `a child that has ended gets no signal, and its status is kept`() async throws {
        let child = try ChildProcess.spawn("/bin/sh", ["-c", "exit 4"])
        #expect(await child.exit() == .status(4))
        child.send(SIGKILL)
        child.send(SIGKILL, toGroup: true)
        #expect(child.exitIfEnded == .status(4))
        let endless = try ChildProcess.spawn("/bin/sh", ["-c", "sleep 600 & wait"])
        endless.send(SIGTERM, toGroup: true)
        #expect(await endless.exit().shellStatus == 128 + SIGTERM)
        let failure = #expect(throws: ChildProcess.SpawnFailure.self) { try ChildProcess.spawn("/no/such", []) }
        #expect(failure?.code == ENOENT)
    }

    @Test func `a short program has its outputs in the order of writing, and its input`() async throws {
        let result = try await ChildProcess.run(
            "/bin/sh", ["-c", "echo one; echo two >&2; cat; exit 5"], input: Array("three\n".utf8))
        #expect(result.status == 5 && result.output == "one\ntwo\nthree\n")
        let long = try await ChildProcess.run("/bin/sh", ["-c", "seq 1 200000"])
        #expect(long.status == 0 && long.output.utf8.count == 256 << 10)
    }

    @Test(arguments: [true, false])
    func `a short program ends with its task only where it may be left half done`(endsWithTask: Bool) async throws {
        let run = Task {
            try await ChildProcess.run("/bin/sh", ["-c", "sleep 1; echo done"], endsWithTask: endsWithTask)
        }
        run.cancel()
        if endsWithTask {
            await #expect(throws: CancellationError.self) { try await run.value }
        } else {
            #expect(try await run.value.output == "done\n")
        }
    }
}
