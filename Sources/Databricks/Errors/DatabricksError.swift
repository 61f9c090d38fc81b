//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// An error of this module.
///
/// It says what happened, where, and where possible what to do. It never holds a secret: no token, no body of a request, and of
/// an answer only what the service put into its error.
public struct DatabricksError: Error, RetryAfterProviding, Sendable {
    /// The kind of error.
    public var code: Code
    /// A description of what happened.
    public var message: String
    /// The status of the answer, when there was one.
    public var httpStatus: Int?
    /// The service's own name for the reason, such as `NOT_FOUND` or `invalid_client`.
    public var errorCode: String?
    /// The service's id of the request, to be given to its support.
    public var requestID: String?
    /// More details from the service, as `google.rpc` types.
    public var details: [JSONValue]
    /// The pause that the service asked for.
    public var retryAfter: Duration?
    /// The call, such as `POST /api/2.0/postgres/credentials`.
    public var operation: String?
    /// The underlying error.
    public var underlying: (any Error)?

    /// Creates an error from its parts.
    public init(
        code: Code,
        message: String,
        httpStatus: Int? = nil,
        errorCode: String? = nil,
        requestID: String? = nil,
        details: [JSONValue] = [],
        retryAfter: Duration? = nil,
        operation: String? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.httpStatus = httpStatus
        self.errorCode = errorCode
        self.requestID = requestID
        self.details = details
        self.retryAfter = retryAfter
        self.operation = operation
        self.underlying = underlying
    }

    /// The kinds of error.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case invalidConfiguration, unauthenticated, permissionDenied, notFound, invalidRequest, conflict
            case tooManyRequests, unavailable, serverError, unexpectedStatus, invalidResponse, responseTooLarge
            case connectionFailed, deadlineExceeded, cancelled, closed
        }

        private let kind: Kind

        private init(_ kind: Kind) { self.kind = kind }

        /// Settings are missing, wrong or contradict each other.
        public static let invalidConfiguration = Self(.invalidConfiguration)
        /// The credentials were refused (401, or by the token service).
        public static let unauthenticated = Self(.unauthenticated)
        /// The identity may not do this (403).
        public static let permissionDenied = Self(.permissionDenied)
        /// The resource does not exist (404).
        ///
        /// The only kind that means absence.
        public static let notFound = Self(.notFound)
        /// The request is wrong (400), or could not be written.
        public static let invalidRequest = Self(.invalidRequest)
        /// The resource exists already, or another change of it is running (409).
        public static let conflict = Self(.conflict)
        /// Too many requests (429), also after retries.
        public static let tooManyRequests = Self(.tooManyRequests)
        /// The service is not available at the moment (503), also after retries.
        public static let unavailable = Self(.unavailable)
        /// The service failed (500 and other 5xx).
        public static let serverError = Self(.serverError)
        /// Any other status, redirects among them.
        public static let unexpectedStatus = Self(.unexpectedStatus)
        /// The answer is invalid: not JSON, a missing field, a time in the past.
        public static let invalidResponse = Self(.invalidResponse)
        /// The answer is larger than allowed.
        public static let responseTooLarge = Self(.responseTooLarge)
        /// Could not connect, or the connection was lost.
        public static let connectionFailed = Self(.connectionFailed)
        /// The call took longer than allowed.
        public static let deadlineExceeded = Self(.deadlineExceeded)
        /// The caller was cancelled.
        public static let cancelled = Self(.cancelled)
        /// The client or cache has been shut down.
        public static let closed = Self(.closed)

        /// The name of the kind.
        public var description: String { self.kind.rawValue }
    }
}

extension DatabricksError: CustomStringConvertible {
    /// The whole error in one line.
    public var description: String {
        var facts: [String] = []
        if let operation = self.operation { facts.append(operation) }
        if let httpStatus = self.httpStatus { facts.append("HTTP \(httpStatus)") }
        if let errorCode = self.errorCode { facts.append(errorCode) }
        if let requestID = self.requestID { facts.append("request \(requestID)") }
        let suffix = facts.isEmpty ? "" : " (" + facts.joined(separator: ", ") + ")"
        return "\(self.code): \(self.message)\(suffix)"
    }
}

extension DatabricksError {
    static let cacheIsShutDown = DatabricksError(code: .closed, message: "the token cache has been shut down")

    static func tokenExpiredOnArrival(expiresAt: Date, now: Date) -> DatabricksError {
        let end = RFC3339.string(from: expiresAt)
        return DatabricksError(
            code: .invalidResponse,
            message:
                "the new token expires at \(end), which is not after \(RFC3339.string(from: now)); check this machine's clock"
        )
    }
}
