//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import UnixSignals

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A signal asked for the end.
struct Interruption: Error {
    var number: Int32

    /// What a shell makes of it.
    var exitStatus: Int32 { 128 + self.number }

    /// Runs a body that a signal cancels: Ctrl-C, SIGTERM or SIGHUP.
    ///
    /// A second one ends the process at once.
    ///
    /// - Throws: ``Interruption`` after the body has ended, if a signal came before; what the body throws otherwise.
    static func cancelling(_ body: @Sendable @escaping () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask {
                try await body()
                return nil
            }
            group.addTask {
                for await signal in signals { return signal.rawValue }
                return nil
            }
            defer { group.cancelAll() }
            guard let number = try await group.next() ?? nil else { return }
            for number in [SIGINT, SIGTERM, SIGHUP] { _ = signal(number, SIG_DFL) }
            group.cancelAll()
            // Whatever it ends with, it was told to.
            while let result = await group.nextResult() { _ = result }
            throw Interruption(number: number)
        }
    }
}
