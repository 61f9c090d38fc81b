//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Secrets

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The answer of both credential calls, before it is checked.
struct CredentialAnswer: Decodable {
    private let values: JSONValue

    init(from decoder: any Decoder) throws { self.values = try JSONValue(from: decoder) }

    /// The credential, if a login can use it.
    ///
    /// - Parameters:
    ///   - time: The name of the field with the end, which differs between the two APIs.
    ///   - now: The wall clock.
    func checked(time: String, now: Date, operation: String) throws(DatabricksError) -> (token: Secret, end: Date) {
        func wrong(_ reason: String) -> DatabricksError {
            DatabricksError(
                code: .invalidResponse, message: "the service returned no usable credential: \(reason)",
                operation: operation)
        }
        guard let token = self.values["token"]?.stringValue.map({ Secret($0) }), !token.isEmpty else {
            throw wrong("there is no 'token'")
        }
        guard token.isVisibleText else { throw wrong("its 'token' contains invalid characters") }
        guard let text = self.values[time]?.stringValue else { throw wrong("there is no '\(time)'") }
        guard let end = RFC3339.date(from: text) else { throw wrong("its '\(time)' is not an RFC 3339 time") }
        guard end > now else {
            throw wrong(
                "it expired at \(RFC3339.string(from: end)), and here it is \(RFC3339.string(from: now)); check this machine's clock"
            )
        }
        return (token, end)
    }
}
