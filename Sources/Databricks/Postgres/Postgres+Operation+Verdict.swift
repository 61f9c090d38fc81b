//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension Postgres.Operation {
    /// The meaning of this state for a caller that waits for the operation.
    ///
    /// - Parameter read: Makes the result of the response, nil when it does not hold one.
    func verdict<Value>(_ read: (JSONValue?) -> Value?) -> PendingResult<Postgres.Operation, Value>.Verdict {
        guard self.done == true else { return .pending }
        if let error = self.error { return .failed(error.databricksError(of: self.name)) }
        if let value = read(self.response) { return .done(value) }
        return .failed(
            DatabricksError(
                code: .invalidResponse, message: "the operation is done, and its result cannot be read",
                operation: self.name))
    }
}

extension JSONValue {
    /// The resource that this JSON describes, nil when it describes none.
    func decoded<Resource: Decodable>(as type: Resource.Type = Resource.self) -> Resource? {
        guard case .object = self, let data = try? JSONEncoder().encode(self) else { return nil }
        return try? JSONDecoder().decode(type, from: data)
    }
}

extension Postgres.OperationError {
    /// The failure as an error of this module.
    func databricksError(of operation: String) -> DatabricksError {
        let details = self.details ?? []
        return DatabricksError(
            code: Self.code(for: self.errorCode),
            message: "the operation failed: \(ErrorParser.clean(self.message ?? self.errorCode ?? "no reason given"))",
            errorCode: self.errorCode.map { ErrorParser.clean($0) },
            requestID: details.lazy.compactMap { $0["request_id"]?.stringValue }.first.map { ErrorParser.clean($0) },
            details: details,
            operation: operation
        )
    }

    /// The kind of error behind one of the service's names.
    ///
    /// There is no status to fall back on, so names not listed count as a failure of the service. Its own cancellations and deadlines do too: the
    /// kinds of that name mean those of the caller.
    private static func code(for name: String?) -> DatabricksError.Code {
        switch name {
        case "NOT_FOUND", "RESOURCE_DOES_NOT_EXIST", "PRINCIPAL_DOES_NOT_EXIST": .notFound
        case "ALREADY_EXISTS", "RESOURCE_ALREADY_EXISTS", "RESOURCE_CONFLICT", "ABORTED": .conflict
        case "BAD_REQUEST", "INVALID_PARAMETER_VALUE", "INVALID_STATE", "INVALID_STATE_TRANSITION",
            "MALFORMED_REQUEST", "FEATURE_DISABLED":
            .invalidRequest
        case "UNAUTHENTICATED": .unauthenticated
        case "PERMISSION_DENIED", "CUSTOMER_UNAUTHORIZED", "PERMISSION_NOT_PROPAGATED": .permissionDenied
        case "RESOURCE_EXHAUSTED", "REQUEST_LIMIT_EXCEEDED", "QUOTA_EXCEEDED": .tooManyRequests
        case "TEMPORARILY_UNAVAILABLE": .unavailable
        default: .serverError
        }
    }
}
