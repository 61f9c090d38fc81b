//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The error body of a Databricks API.
public struct APIErrorBody: Codable, Hashable, Sendable {
    /// The service's name for the reason, such as `NOT_FOUND`.
    public var errorCode: String?
    /// The reason in words.
    public var message: String?
    /// More about it, as `google.rpc` details.
    public var details: [JSONValue]?

    /// Creates a value from its fields.
    public init(
        errorCode: String? = nil,
        message: String? = nil,
        details: [JSONValue]? = nil
    ) {
        self.errorCode = errorCode
        self.message = message
        self.details = details
    }

    private enum CodingKeys: String, CodingKey {
        case errorCode = "error_code"
        case message
        case details
    }
}
