//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Postgres {
    /// Work that continues at the service after its call has returned.
    public struct Operation: Codable, Hashable, Sendable {
        /// The resource name, under which it stays readable.
        public var name: String
        /// Whether it has ended; absent means it has not.
        public var done: Bool?
        /// The kind of operation.
        public var metadata: JSONValue?
        /// The result, for a success.
        public var response: JSONValue?
        /// The reason, for a failure.
        public var error: OperationError?

        /// Creates a value from its fields.
        public init(
            name: String,
            done: Bool? = nil,
            metadata: JSONValue? = nil,
            response: JSONValue? = nil,
            error: OperationError? = nil
        ) {
            self.name = name
            self.done = done
            self.metadata = metadata
            self.response = response
            self.error = error
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case done
            case metadata
            case response
            case error
        }
    }

    /// The reason why an operation failed.
    public struct OperationError: Codable, Hashable, Sendable {
        /// The service's name for the reason.
        public var errorCode: String?
        /// The reason in words.
        public var message: String?
        /// More about it.
        public var details: [JSONValue]?
        /// The stack trace of the service.
        public var stackTrace: String?

        /// Creates a value from its fields.
        public init(
            errorCode: String? = nil,
            message: String? = nil,
            details: [JSONValue]? = nil,
            stackTrace: String? = nil
        ) {
            self.errorCode = errorCode
            self.message = message
            self.details = details
            self.stackTrace = stackTrace
        }

        private enum CodingKeys: String, CodingKey {
            case errorCode = "error_code"
            case message
            case details
            case stackTrace = "stack_trace"
        }
    }
}
