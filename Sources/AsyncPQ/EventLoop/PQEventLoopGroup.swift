//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Several loops, used in turn.
public final class PQEventLoopGroup: Sendable {
    /// The loops, at least one.
    public let loops: [PQEventLoop]
    private let position = Atomic<Int>(0)

    /// Starts `count` loops.
    ///
    /// - Parameter count: Clamped to 1...64. One loop keeps up with a PostgreSQL of two cores; more pay off where
    ///   clients have cores of their own.
    /// - Throws: ``PQError`` with code ``PQError/Code/system``.
    public init(count: Int = PQEventLoopGroup.defaultCount) throws(PQError) {
        var loops: [PQEventLoop] = []
        for index in 0..<min(max(count, 1), 64) { loops.append(try PQEventLoop(name: "pq-loop-\(index)")) }
        self.loops = loops
    }

    /// The next loop in turn.
    public func next() -> PQEventLoop {
        let index = self.position.wrappingAdd(1, ordering: .relaxed).oldValue
        return self.loops[Int(UInt(bitPattern: index) % UInt(self.loops.count))]
    }

    /// Half the processors, between 1 and 8.
    public static var defaultCount: Int {
        min(max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) / 2, 1), 8)
    }

    /// The group every connection uses unless told otherwise, started at first use and never stopped.
    public static let shared: PQEventLoopGroup = {
        do {
            return try PQEventLoopGroup()
        } catch {
            // A process that cannot start one thread cannot do anything else either.
            preconditionFailure("lakebase: no event loop could be started: \(error)")
        }
    }()
}
