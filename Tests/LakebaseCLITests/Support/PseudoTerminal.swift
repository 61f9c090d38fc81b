//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// A program on a terminal of its own, whose keys are sent and whose screen is read here.
final class PseudoTerminal {
    struct Failure: Error {
        var call: String
        var code: Int32
    }

    private let keyboard: Int32
    let processID: pid_t
    private var screen: [UInt8] = []

    /// Starts the program as the leader of a new session, in the foreground of the terminal.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        var (keyboard, terminal): (Int32, Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: 1024)
        guard openpty(&keyboard, &terminal, &name, nil, nil) == 0 else { throw Failure(call: "openpty", code: errno) }
        defer { close(terminal) }
        for descriptor in [keyboard, terminal] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(keyboard, F_SETFL, O_NONBLOCK)
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        // The first terminal that the leader of a session opens becomes the session's.
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for number in [SIGINT, SIGQUIT, SIGHUP, SIGPIPE, SIGTERM] { sigaddset(&defaults, number) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        #if canImport(Darwin)
        let session = Int16(0x0400)
        #else
        // POSIX_SPAWN_SETSID, which glibc shows only with _GNU_SOURCE.
        let session = Int16(0x80)
        #endif
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK) | session)
        let variables = CommandRun.plainEnvironment.merging(["TERM": "xterm"]) { $1 }.merging(environment) { $1 }
        let arguments = ([program] + arguments).map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + settings { free(pointer) } }
        var processID: pid_t = 0
        let code = posix_spawn(&processID, program, &actions, &attributes, arguments, settings)
        guard code == 0 else {
            close(keyboard)
            throw Failure(call: "posix_spawn", code: code)
        }
        self.keyboard = keyboard
        self.processID = processID
    }

    deinit { close(self.keyboard) }

    /// Types keys; 3 is Ctrl-C.
    func type(_ keys: [UInt8]) throws {
        guard write(self.keyboard, keys, keys.count) == keys.count else { throw Failure(call: "write", code: errno) }
    }

    /// What the screen has shown so far.
    func text() -> String {
        var bytes = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(self.keyboard, &bytes, bytes.count)
            guard count > 0 else { return String(decoding: self.screen, as: UTF8.self) }
            self.screen += bytes.prefix(count)
        }
    }

    /// What the screen has shown once `mark` is on it.
    func text(containing mark: String, within limit: Duration = .seconds(120)) async throws -> String {
        let deadline = ContinuousClock.now + limit
        while true {
            let text = self.text()
            if text.contains(mark) { return text }
            guard ContinuousClock.now < deadline else { throw Scratch.NeverSaid(mark: mark, text: text) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Whether the screen shows `mark` within a second.
    func shows(_ mark: String) async throws -> Bool {
        do {
            _ = try await self.text(containing: mark, within: .seconds(1))
            return true
        } catch is Scratch.NeverSaid {
            return false
        }
    }

    /// The program's exit status, or 128 plus the number of the signal that ended it; it is killed after `limit`.
    func status(within limit: Duration = .seconds(120)) async throws -> Int32 {
        let deadline = ContinuousClock.now + limit
        var status: Int32 = 0
        while waitpid(self.processID, &status, WNOHANG) == 0 {
            if ContinuousClock.now > deadline { kill(self.processID, SIGKILL) }
            // A full screen would hold the program up.
            _ = self.text()
            try await Task.sleep(for: .milliseconds(10))
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}
