//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Databricks
package import Foundation

/// A long-running operation in its stored form; while it is not done, also the journal of its work.
package struct OperationRecord: Codable, Equatable, Sendable {
    /// A resource that the operation works on.
    ///
    /// Two operations get along on a resource if neither wants it for itself.
    struct Claim: Codable, Equatable, Sendable {
        var resource: String
        var isExclusive: Bool
    }

    /// The error of a failed operation.
    package struct Failure: Codable, Equatable, Sendable, Error {
        package var code: String
        package var message: String

        package init(code: String, message: String) {
            self.code = code
            self.message = message
        }
    }

    /// The resource name, `{resource}/operations/{id}`.
    package var name: String
    /// The resource that it creates, changes or deletes.
    package var target: String
    /// The kind of resource, for the metadata's type.
    var kind: String
    package var createTime: Date
    package var work: OperationTask
    var claims: [Claim]
    var isDone: Bool
    /// Its result once done, as JSON.
    package var response: String?
    package var failure: Failure?

    /// The operation in the API's format.
    package var wire: Postgres.Operation {
        Postgres.Operation(
            name: self.name, done: self.isDone,
            metadata: .object([
                "@type": .string("type.googleapis.com/databricks.postgres.v1.\(self.kind)OperationMetadata")
            ]),
            response: self.failure == nil
                ? self.response.flatMap { try? JSONDecoder().decode(JSONValue.self, from: Data($0.utf8)) } : nil,
            error: self.failure.map { Postgres.OperationError(errorCode: $0.code, message: $0.message) }
        )
    }

    /// The result of a deletion.
    package static let empty = #"{"@type":"type.googleapis.com/google.protobuf.Empty"}"#
}
