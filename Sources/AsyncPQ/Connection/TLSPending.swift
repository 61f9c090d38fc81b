//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// Whether decrypted bytes wait inside the TLS library of a connection.
///
/// libpq does not say; OpenSSL does (`SSL_pending`), and libpq hands out its `SSL` object (`PQsslStruct`). The function is
/// looked up in the process, where libpq has brought it, so nothing has to be linked.
enum TLSPending {
    private typealias Function = @convention(c) (UnsafeMutableRawPointer?) -> Int32

    private static let function = LoadedSymbol.function("SSL_pending", as: Function.self)

    static func holdsInput(of handle: OpaquePointer) -> Bool {
        guard PQsslInUse(handle) != 0, let function, let ssl = PQsslStruct(handle, "OpenSSL") else { return false }
        return function(ssl) > 0
    }
}
