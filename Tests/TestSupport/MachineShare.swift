//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
public import Testing

/// How much of the machine a test takes, or each test of a suite: those that run servers come a few at a time.
///
/// Thirty servers at once answer nobody in time, and one after the other they leave the machine idle: most tests wait for
/// something most of the time. What a test says of itself counts for more than what its suite says. A limit of time on such a
/// test has to bear the wait for its place as well.
public struct MachineShare: SuiteTrait, TestTrait, TestScoping {
    /// For every processor two tests.
    private static let places = Places(2 * max(2, ProcessInfo.processInfo.activeProcessorCount))
    @TaskLocal private static var isHolding = false

    private let count: Int

    /// Whether the tests of a suite have it, each by itself.
    public var isRecursive: Bool { true }

    /// Runs the test when its places are free.
    @concurrent
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let innermost = test.traits.last { $0 is Self } as? Self
        guard testCase != nil, innermost?.count == self.count, !Self.isHolding else { return try await function() }
        try await Self.places.hold(self.count) {
            try await Self.$isHolding.withValue(true, operation: function)
        }
    }

    fileprivate static let one = Self(count: 1)
    fileprivate static let half = Self(count: Self.places.count / 2)
    fileprivate static let all = Self(count: Self.places.count)
}

extension Trait where Self == MachineShare {
    /// A test that waits most of the time, and runs beside others.
    public static var sharesTheMachine: Self { .one }
    /// A test that keeps the machine busy, or measures time: at most two of them run at once.
    public static var loadsTheMachine: Self { .half }
    /// A test that looks at what all tests of the process share, its memory for one, or measures what the product promises in time.
    public static var hasTheMachineAlone: Self { .all }
}
