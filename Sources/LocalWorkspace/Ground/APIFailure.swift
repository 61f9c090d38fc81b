//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Databricks

/// An error in the service's format.
package struct APIFailure: Error, Equatable {
    package var status: Int
    package var code: String
    package var message: String
    package var headers: [String: String]
    /// The details, in the formats of `google.rpc`.
    package var details: [JSONValue]
    /// Whether its message ends with a trace id.
    package var isTraced = false

    package init(
        _ status: Int, _ code: String, _ message: String, headers: [String: String] = [:], details: [JSONValue] = []
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
        self.details = details
    }

    /// The detail of refusing to delete a resource that is deleted only with its parent.
    static let managedByParent = JSONValue.object([
        "@type": .string("type.googleapis.com/google.rpc.ErrorInfo"), "reason": .string("RESOURCE_CONFLICT"),
        "domain": .string("databricks.com"), "metadata": .object(["declarative_context": .string("MANAGED_BY_PARENT")]),
    ])

    /// 400 for a required field that is missing.
    package static func missing(_ field: String) -> APIFailure {
        .invalid("Field '\(field)' is required, expected non-default value (not \"\")!")
    }

    /// 501 for a feature of the service that the local workspace lacks.
    package static func notEmulated(_ what: String) -> APIFailure {
        APIFailure(501, "NOT_IMPLEMENTED", "The local workspace does not have this: \(what).")
    }

    /// 400 for a field with an invalid value.
    package static func invalid(_ message: String) -> APIFailure { APIFailure(400, "INVALID_PARAMETER_VALUE", message) }

    /// 404; callers look for "not found" in the text.
    package static func notFound(_ message: String) -> APIFailure { APIFailure(404, "NOT_FOUND", message) }
}
