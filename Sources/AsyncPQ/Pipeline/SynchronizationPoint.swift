//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// The end of a transaction in a pipeline.
enum SynchronizationPoint {
    private typealias Function = @convention(c) (OpaquePointer) -> Int32

    /// libpq's function since version 17, which leaves it to the caller when to send.
    private static let append = LoadedSymbol.function("PQsendPipelineSync", as: Function.self)

    /// Whether libpq sends all it has at each of these points.
    static var isSentAtOnce: Bool { self.append == nil }

    /// Adds one to what is to be sent; returns false when libpq could not.
    static func add(on handle: OpaquePointer) -> Bool {
        if let append { return append(handle) != 0 }
        return PQpipelineSync(handle) != 0
    }
}
