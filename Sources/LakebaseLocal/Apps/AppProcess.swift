//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LocalPostgres
import Secrets

/// The process of an app, in a process group of its own, and the shell that watches it.
///
/// The shell begins the app with nothing open but what it says, and ends its whole group when this process is gone. A
/// program that leaves the group, as daemons do, is beyond its reach.
final class AppProcess: Sendable {
    /// How a process is started.
    struct Launch: Sendable {
        /// The program and its arguments.
        var command: [String]
        /// The working folder.
        var folder: String
        var environment: [String: String]
        /// The client secret of the app's service principal; `nil` for a program that installs the app.
        var secret: Secret?
        /// The ports to which its sockets are redirected.
        var redirection: PortRedirection?
    }

    private let child: ChildProcess
    private let lifeline: ParentDeathPipe
    private let readers: [LineReader]

    private init(child: ChildProcess, lifeline: ParentDeathPipe, readers: [LineReader]) {
        self.child = child
        self.lifeline = lifeline
        self.readers = readers
    }

    /// Starts an app.
    ///
    /// - Parameters:
    ///   - said: Is called with what it says, line by line, on threads of their own.
    ///   - heard: Is called with what became of its sockets, on another one; only with a redirection.
    static func start(
        _ launch: Launch, said: @escaping @Sendable (LocalAppLog.Stream, String) -> Void,
        heard: @escaping @Sendable (SocketWatch.Event) -> Void = { _ in }
    ) throws -> AppProcess {
        let output = try Pipe(), errors = try Pipe()
        let lifeline = try ParentDeathPipe()
        var environment = launch.environment
        launch.secret?.withUnsafeValue { environment["DATABRICKS_CLIENT_SECRET"] = $0 }
        func spawn(_ watch: UnsafeMutablePointer<Int32>?) throws -> ChildProcess {
            try lifeline.spawn(
                script: Self.script, arguments: [launch.folder] + launch.command, output: output.write,
                errors: errors.write, environment: environment, watch: watch)
        }
        let child: ChildProcess
        #if os(Linux)
        if let redirection = launch.redirection {
            var watch: Int32 = -1
            child = try spawn(&watch)
            SocketWatch.serve(watch, redirection, heard: heard)
        } else {
            child = try spawn(nil)
        }
        #else
        child = try spawn(nil)
        #endif
        output.closeWriteEnd()
        errors.closeWriteEnd()
        let readers = [
            LineReader(output.takeReadEnd(), secret: launch.secret ?? Secret("")) { said(.standardOutput, $0) },
            LineReader(errors.takeReadEnd(), secret: launch.secret ?? Secret("")) { said(.standardError, $0) },
        ]
        return AppProcess(child: child, lifeline: lifeline, readers: readers)
    }

    /// Whether it has ended.
    var hasEnded: Bool { self.child.exitIfEnded != nil }

    /// Waits until the process has ended and all its output has been read.
    func exit() async -> ChildProcess.Exit {
        let exit = await self.child.exit()
        self.lifeline.end()
        // Who left the group may hold the pipes for ever.
        let deadline = ContinuousClock.now + .seconds(2)
        while self.readers.contains(where: { !$0.isDone }), ContinuousClock.now < deadline {
            await Uncancelled.sleep(for: .milliseconds(5))
        }
        return exit
    }

    /// Kills it.
    func terminate() {
        guard !self.hasEnded else { return }
        kill(-self.child.processID, SIGKILL)
    }

    /// Asks it to end, and kills it if it does not end within `grace`.
    func end(grace: Duration) async {
        guard !self.hasEnded else { return }
        // The whole group: a shell in between would keep the signal to itself.
        kill(-self.child.processID, SIGTERM)
        let deadline = ContinuousClock.now + grace
        while !self.hasEnded, ContinuousClock.now < deadline { await Uncancelled.sleep(for: .milliseconds(10)) }
        if !self.hasEnded { kill(-self.child.processID, SIGKILL) }
        _ = await self.child.exit()
    }

    /// Nothing but what every shell has; standard input is the pipe of `ParentDeathPipe`.
    ///
    /// The shell survives the SIGTERM for its group, so that the app's status is known; a caught signal is reset for
    /// the app.
    private static let script = """
        exec 3<&0 </dev/null
        cd "$1" || exit 126
        unset OLDPWD
        shift
        trap : TERM
        "$@" 3<&- &
        app=$!
        (
            trap '' TERM
            exec >/dev/null 2>&1
            read -r _ <&3
            kill -s TERM -- -$$
            n=0
            while [ "$n" -lt 15 ] && kill -0 "$app"; do sleep 1; n=$((n + 1)); done
            kill -s KILL -- -$$
        ) &
        watcher=$!
        exec 3<&-
        wait "$app"
        status=$?
        while kill -0 "$app" 2>/dev/null; do
            wait "$app"
            status=$?
        done
        kill -KILL "$watcher" 2>/dev/null
        exit "$status"
        """
}

/// A pipe whose ends child processes do not inherit by accident.
private final class Pipe {
    private(set) var read: Int32
    private(set) var write: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw PrivateFile.Failure(operation: "open", path: "a pipe", code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (self.read, self.write) = (ends[0], ends[1])
    }

    deinit {
        if self.read >= 0 { close(self.read) }
        self.closeWriteEnd()
    }

    func closeWriteEnd() {
        if self.write >= 0 { close(self.write) }
        self.write = -1
    }

    func takeReadEnd() -> Int32 {
        defer { self.read = -1 }
        return self.read
    }
}
