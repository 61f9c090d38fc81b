//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What BackendKeyData tells a client and a CancelRequest brings back.
struct CancelKey: Sendable, Hashable {
    var processID: Int32
    var secret: UInt32
}
