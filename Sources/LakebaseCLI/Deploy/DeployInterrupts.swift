//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Synchronization
import UnixSignals

#if canImport(Glibc)
import Glibc
private let setHandler = Glibc.signal
#elseif canImport(Darwin)
import Darwin
private let setHandler = Darwin.signal
#endif

/// SIGINT and SIGTERM while something is deployed: the step is given up, and what was done and is left is said.
enum DeployInterrupts {
    private static let signal = Atomic<Int32>(0)

    /// The exit status for the signal that came; nil when none did.
    static var status: Int32? {
        let number = Self.signal.load(ordering: .relaxed)
        return number == 0 ? nil : 128 + number
    }

    /// Runs a body, and cancels it on a signal; a second one ends the process.
    static func run(_ body: @Sendable @escaping () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return true
            }
            group.addTask {
                for await signal in signals {
                    Self.signal.store(signal == .sigint ? SIGINT : SIGTERM, ordering: .relaxed)
                    // A second signal ends it without waiting for the report.
                    for number in [SIGINT, SIGTERM] { _ = setHandler(number, SIG_DFL) }
                    return false
                }
                return false
            }
            // The body says itself what a cancellation has left.
            defer { group.cancelAll() }
            while let isBody = try await group.next() {
                if isBody { return }
                group.cancelAll()
            }
        }
    }
}
