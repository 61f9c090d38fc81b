//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import LakebaseCLI

/// Each in a process of its own: a process has one disposition for a signal.
@Suite("A signal cancels what a command does", .timeLimit(.minutes(5)))
struct InterruptionTests {
    private struct Unlike: Error {}

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `the first signal cancels, and is the status`(number: Int32) async {
        await #expect(processExitsWith: .success) { [number] in
            do {
                try await Interruption.cancelling {
                    kill(getpid(), number)
                    try await Task.sleep(for: .seconds(3600))
                }
                throw Unlike()
            } catch let interruption as Interruption {
                guard interruption.number == number, interruption.exitStatus == 128 + number else { throw Unlike() }
            }
        }
    }

    @Test func `what was finished in spite of a signal counts, and an error without one is thrown`() async {
        await #expect(processExitsWith: .success) {
            let value = try await Interruption.cancelling {
                kill(getpid(), SIGTERM)
                try? await Task.sleep(for: .seconds(3600))
                return 7
            }
            guard value == 7 else { throw Unlike() }
            do {
                try await Interruption.cancelling { throw Unlike() }
                exit(1)
            } catch is Unlike {}
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `a second signal ends the process at once`(number: Int32) async {
        await #expect(processExitsWith: .signal(number)) { [number] in
            try await Interruption.cancelling {
                // Takes no notice of the first.
                while true {
                    kill(getpid(), number)
                    try? await Task.sleep(for: .milliseconds(10))
                    await Task.yield()
                }
            }
        }
    }

    @Test func `a signal that has been dealt with cancels nothing`() async {
        await #expect(processExitsWith: .success) {
            let value = try await Interruption.cancelling(unless: { $0.number == SIGINT }) {
                for _ in 0..<5 {
                    kill(getpid(), SIGINT)
                    try await Task.sleep(for: .milliseconds(20))
                }
                return 7
            }
            guard value == 7 else { throw Unlike() }
        }
    }

    @Test func `what was ignored at the start stays ignored, and Ctrl-C ends it all the same`() async {
        await #expect(processExitsWith: .success) {
            for number in SignalDisposition.changed { SignalDisposition.ignore(number) }
            guard SignalDisposition.ignoredAtStart == Set(SignalDisposition.changed) else { throw Unlike() }
            do {
                try await Interruption.cancelling {
                    kill(getpid(), SIGHUP)
                    try await Task.sleep(for: .milliseconds(50))
                    kill(getpid(), SIGINT)
                    try await Task.sleep(for: .seconds(3600))
                }
                throw Unlike()
            } catch let interruption as Interruption {
                guard interruption.number == SIGINT else { throw Unlike() }
            }
        }
    }
}
