//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A command in the foreground, from before its start until after its end, and what a signal means at each time.
struct ForegroundPhase<Command> {
    private enum Phase {
        case notStarted
        case running(Command)
        case ended(status: Int32)
        /// A signal came before the command was started, which is not started any more.
        case interrupted(Interruption)
    }

    /// What is to be done about a signal.
    enum Answer {
        /// End: the command does not run yet.
        case end
        /// Pass the signal on, in this form or another.
        case pass(Command)
        /// Nothing: the command has got it from the terminal, or all is ending already.
        case leave
    }

    private var phase = Phase.notStarted

    /// The exit status of the command, or of a shell for the signal that came before it; 0 while there is neither.
    var exitStatus: Int32 {
        switch self.phase {
        case .notStarted, .running: 0
        case .ended(let status): status
        case .interrupted(let interruption): interruption.exitStatus
        }
    }

    /// A signal has arrived.
    ///
    /// - Parameter reachesCommand: Whether the terminal has sent it to the command as well.
    mutating func arrived(_ interruption: Interruption, reachesCommand: () -> Bool) -> Answer {
        switch self.phase {
        case .notStarted:
            self.phase = .interrupted(interruption)
            return .end
        case .running(let command):
            return interruption.number == SIGINT && reachesCommand() ? .leave : .pass(command)
        case .ended, .interrupted:
            return .leave
        }
    }

    /// Whether the command may be started: no signal came before it.
    var allowsStart: Bool {
        switch self.phase {
        case .notStarted: true
        case .running, .ended, .interrupted: false
        }
    }

    mutating func started(_ command: Command) { self.phase = .running(command) }

    mutating func ended(_ status: Int32) { self.phase = .ended(status: status) }
}

/// A ``ForegroundPhase`` that the command's own task and the one that waits for signals share.
final class ForegroundRun: Sendable {
    private let phase = Mutex(ForegroundPhase<ForegroundCommand>())

    var exitStatus: Int32 { self.phase.withLock(\.exitStatus) }

    /// A signal has arrived.
    func arrived(_ interruption: Interruption) -> ForegroundPhase<ForegroundCommand>.Answer {
        // Asked each time: a job may be moved to the foreground and back. A signal waits while the command is being started.
        self.phase.withLock { $0.arrived(interruption) { ForegroundCommand.isOnTerminal } }
    }

    /// Starts a command, unless a signal came before; then this returns nil.
    func start(
        _ command: [String], settings: [[UInt8]]
    ) throws(CommandFailure) -> ForegroundCommand? {
        // Ctrl-\ reaches the command by itself, and must not end this process before it.
        if ForegroundCommand.hasTerminal { SignalDisposition.ignore(SIGQUIT) }
        return try self.phase.withLock { phase throws(CommandFailure) -> ForegroundCommand? in
            guard phase.allowsStart else { return nil }
            let started = try ForegroundCommand.start(command, settings: settings)
            phase.started(started)
            return started
        }
    }

    /// Waits for the end of a command that this has started.
    func wait(for command: ForegroundCommand) async -> Int32 {
        let status = await command.wait()
        self.phase.withLock { $0.ended(status) }
        return status
    }
}
