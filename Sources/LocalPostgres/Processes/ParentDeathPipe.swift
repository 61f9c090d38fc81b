//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Synchronization

/// A pipe whose end tells a watching shell that this process has ended.
package final class ParentDeathPipe: Sendable {
    private struct Ends {
        var read: Int32
        var write: Int32
    }
    private let ends: Mutex<Ends>

    package init() throws {
        var descriptors: [Int32] = [-1, -1]
        #if canImport(Darwin)
        guard pipe(&descriptors) == 0 else { throw PrivateFile.Failure(operation: "open", path: "a pipe", code: errno) }
        for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        #else
        // Not a pipe, because that cannot be made close-on-exec in one step without _GNU_SOURCE.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &descriptors) == 0
        else { throw PrivateFile.Failure(operation: "open", path: "a pipe", code: errno) }
        #endif
        self.ends = Mutex(Ends(read: descriptors[0], write: descriptors[1]))
    }

    deinit {
        self.end()
        self.closeReadEnd()
    }

    /// Starts a program under a shell that stops it when this process has ended.
    func spawn(program: String, arguments: [String], output: Int32) throws -> ChildProcess {
        let read = self.ends.withLock { $0.read }
        defer { self.closeReadEnd() }
        return try ChildProcess.spawn(
            "/bin/sh", ["-c", Self.script, "lakebase-watch", program] + arguments, input: read, output: output
        )
    }

    /// Starts a shell with a given script, whose standard input ends with this process.
    ///
    /// When the shell has ended, what is left of its process group is killed.
    package func spawn(
        script: String, arguments: [String], output: Int32, errors: Int32, environment: [String: String],
        watch: UnsafeMutablePointer<Int32>? = nil
    ) throws -> ChildProcess {
        let read = self.ends.withLock { $0.read }
        defer { self.closeReadEnd() }
        return try ChildProcess.spawn(
            "/bin/sh", ["-c", script, "lakebase-watch"] + arguments, input: read, output: output, errors: errors,
            environment: environment, endsGroup: true, watch: watch)
    }

    /// Closes the pipe: the shell stops the program if it still runs.
    package func end() {
        self.ends.withLock { ends in
            if ends.write >= 0 { close(ends.write) }
            ends.write = -1
        }
    }

    private func closeReadEnd() {
        self.ends.withLock { ends in
            if ends.read >= 0 { close(ends.read) }
            ends.read = -1
        }
    }

    /// Uses nothing but what every shell has.
    ///
    /// Standard input is the pipe; nothing is ever written into it.
    ///
    /// The server is a child of the shell, so its process id cannot be another process's while the shell waits for it.
    private static let script = """
        exec 3<&0 </dev/null
        "$@" 3<&- &
        server=$!
        (
            read -r _ <&3
            kill -INT "$server" 2>/dev/null || exit 0
            n=0
            while [ "$n" -lt 10 ] && kill -0 "$server" 2>/dev/null; do sleep 1; n=$((n + 1)); done
            kill -QUIT "$server" 2>/dev/null
        ) &
        watcher=$!
        exec 3<&-
        wait "$server"
        status=$?
        kill "$watcher" 2>/dev/null
        exit "$status"
        """
}
