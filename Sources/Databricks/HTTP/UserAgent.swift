//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The header that says which program calls, in the form of the other Databricks clients.
enum UserAgent {
    /// The version of this library.
    static let version = "0.1.0"

    static func text(product: WorkspaceConfiguration.Product, authType: AuthType?) -> String {
        var parts = [
            "\(self.clean(product.name))/\(self.clean(product.version))", "databricks-sdk-swift/\(self.version)",
            "swift/6.3",
            "os/\(self.system)",
        ]
        if let authType { parts.append("auth/\(self.clean(authType.rawValue))") }
        return parts.joined(separator: " ")
    }

    private static var system: String {
        #if os(Linux)
        "linux"
        #elseif os(macOS)
        "darwin"
        #else
        "other"
        #endif
    }

    private static func clean(_ text: String) -> String {
        let bytes = text.utf8.prefix(64).map { byte -> UInt8 in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E, 0x5F: byte
            default: 0x2D
            }
        }
        return bytes.isEmpty ? "unknown" : String(decoding: bytes, as: UTF8.self)
    }
}
