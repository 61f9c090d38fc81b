//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import UnixSignals

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A signal that asks this program to end: SIGINT, which is Ctrl-C on a terminal, SIGTERM or SIGHUP.
///
/// This is the only place that traps signals; each command says what the end means for it.
struct Interruption: Error {
    /// The number of the signal.
    var number: Int32
    /// The error with which the body ended that was cancelled.
    var failure: (any Error)?

    /// The exit status that a shell gives a program that a signal ended.
    var exitStatus: Int32 { 128 + self.number }

    /// Runs a body, and cancels it at the first signal.
    ///
    /// A second signal ends the process at once, for a body that takes long to end.
    ///
    /// - Parameter leaves: Whether a signal is none of the body's concern, because it has been dealt with.
    /// - Returns: What the body returns, also when it was finished in spite of a signal.
    /// - Throws: ``Interruption`` when the body failed after a signal; what the body throws otherwise.
    static func cancelling<Value: Sendable>(
        unless leaves: @Sendable @escaping (Interruption) -> Bool = { _ in false },
        _ body: @Sendable @escaping () async throws -> Value
    ) async throws -> Value {
        let arriving = await Self.arriving()
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await interruption in arriving where !leaves(interruption) { throw interruption }
                return nil
            }
            defer { group.cancelAll() }
            do {
                while let result = try await group.next() {
                    if let result { return result }
                }
                throw CancellationError()
            } catch var interruption as Interruption {
                for signal in Self.signals { SignalDisposition.restoreDefault(of: signal.rawValue) }
                group.cancelAll()
                while let result = await group.nextResult() {
                    switch result {
                    case .success(let value?): return value
                    case .success(nil): break
                    case .failure(let error): interruption.failure = error
                    }
                }
                throw interruption
            }
        }
    }

    /// The signals that arrive from now on, which no longer end the process by themselves.
    ///
    /// To be called once at a time: two sequences would each get every signal.
    static func arriving() async -> AsyncMapSequence<UnixSignalsSequence, Interruption> {
        await UnixSignalsSequence(trapping: Self.signals).map { Interruption(number: $0.rawValue) }
    }

    /// Ignores all of them from now on, for a program that is ending already.
    static func ignoreFurther() { for signal in Self.signals { SignalDisposition.ignore(signal.rawValue) } }

    /// SIGHUP is not among them where this program was started with it ignored, as `nohup` does.
    private static let signals: [UnixSignal] = [.sigint, .sigterm, .sighup].filter {
        $0 != .sighup || !SignalDisposition.ignoredAtStart.contains($0.rawValue)
    }
}
