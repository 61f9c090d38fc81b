//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Details of an error, read from the known `google.rpc` types.
///
/// Details of other kinds, and with other fields, stay in ``DatabricksError/details``.
public struct ErrorDetails: Sendable, Hashable {
    /// The reason as a name, unique within its domain (`ErrorInfo`).
    public var reason: String?
    /// The domain of the reason (`ErrorInfo`).
    public var domain: String?
    /// More about the reason (`ErrorInfo`).
    public var metadata: [String: String] = [:]
    /// The id of the request (`RequestInfo`).
    public var requestID: String?
    /// How long to wait before another attempt (`RetryInfo`).
    public var retryDelay: Duration?
    /// What is wrong with which field, condition or quota (`BadRequest`, `PreconditionFailure`, `QuotaFailure`).
    public var violations: [Violation] = []
    /// Pages that help (`Help`).
    public var links: [String] = []

    /// A violated rule.
    public struct Violation: Sendable, Hashable {
        /// The field, the thing or the quota.
        public var subject: String
        /// What is wrong.
        public var description: String
    }

    init(_ details: [JSONValue]) {
        for detail in details {
            func text(_ key: String) -> String? { detail[key]?.stringValue.map { ErrorParser.clean($0) } }
            self.reason = self.reason ?? text("reason")
            self.domain = self.domain ?? text("domain")
            self.requestID = self.requestID ?? text("request_id")
            let delay = (text("retry_delay") ?? text("retryDelay")).flatMap { ProtobufDuration($0)?.duration }
            self.retryDelay = self.retryDelay ?? delay.flatMap { $0 >= .zero ? $0 : nil }
            if case .object(let members)? = detail["metadata"] {
                for (key, value) in members {
                    self.metadata[key] = value.stringValue.map { ErrorParser.clean($0) } ?? self.metadata[key]
                }
            }
            for list in ["field_violations", "violations"] {
                guard case .array(let items)? = detail[list] else { continue }
                self.violations += items.map { item in
                    Violation(
                        subject: item["field"]?.stringValue ?? item["subject"]?.stringValue ?? "",
                        description: ErrorParser.clean(item["description"]?.stringValue ?? ""))
                }
            }
            if case .array(let items)? = detail["links"] { self.links += items.compactMap { $0["url"]?.stringValue } }
        }
    }
}

extension DatabricksError {
    /// The details of the kinds that are known.
    public var typedDetails: ErrorDetails { ErrorDetails(self.details) }
}
