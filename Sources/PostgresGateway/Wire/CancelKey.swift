//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The key that BackendKeyData gives a client and a CancelRequest contains.
struct CancelKey: Sendable, Hashable {
    var processID: Int32
    var secret: UInt32
}
