//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation

/// A long-running operation in its stored form; while it is not done, also the journal of its work.
struct OperationRecord: Codable, Equatable, Sendable {
    /// A resource that the operation works on.
    ///
    /// Two operations get along on a resource if neither wants it for itself.
    struct Claim: Codable, Equatable, Sendable {
        var resource: String
        var isExclusive: Bool
    }

    /// The error of a failed operation.
    struct Failure: Codable, Equatable, Sendable, Error {
        var code: String
        var message: String
    }

    /// The resource name, `{resource}/operations/{id}`.
    var name: String
    /// The resource that it creates, changes or deletes.
    var target: String
    /// The kind of resource, for the metadata's type.
    var kind: String
    var createTime: Date
    var work: OperationTask
    var claims: [Claim]
    var isDone: Bool
    /// Its result once done, as JSON.
    var response: String?
    var failure: Failure?

    /// The operation in the API's format.
    var wire: Postgres.Operation {
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
    static let empty = #"{"@type":"type.googleapis.com/google.protobuf.Empty"}"#
}
