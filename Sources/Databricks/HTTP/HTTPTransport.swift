//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Sends one HTTP request and returns its answer, whatever the status.
///
/// It neither retries nor follows redirects, and it ends when its task is cancelled.
public protocol HTTPTransport: Sendable {
    /// Sends a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - maximumBody: The most bytes of a body; a longer one is an error.
    /// - Throws: A ``DatabricksError`` with one of the codes `connectionFailed`, `responseTooLarge`, `invalidRequest` and `cancelled`.
    func send(_ request: TransportRequest, maximumBody: Int) async throws(DatabricksError) -> TransportResponse
}

/// A request; its headers and body are not printed.
public struct TransportRequest: Sendable {
    /// A method.
    public enum Method: String, Sendable, Hashable {
        /// Reads.
        case get = "GET"
        /// Makes or does.
        case post = "POST"
        /// Changes.
        case patch = "PATCH"
        /// Replaces.
        case put = "PUT"
        /// Removes.
        case delete = "DELETE"
    }

    /// The method.
    public var method: Method
    /// The whole address.
    public var url: String
    /// Headers that may be printed.
    public var headers: [(name: String, value: String)]
    /// Headers that are secret.
    public var secretHeaders: [String: Secret]
    /// The body.
    public var body: [UInt8]?

    /// Creates a request from its parts.
    public init(
        method: Method,
        url: String,
        headers: [(name: String, value: String)] = [],
        secretHeaders: [String: Secret] = [:],
        body: [UInt8]? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.secretHeaders = secretHeaders
        self.body = body
    }
}

extension TransportRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Method and address.
    public var description: String { "\(self.method.rawValue) \(self.url)" }
    /// Method and address.
    public var debugDescription: String { self.description }
    /// A mirror without headers and body.
    public var customMirror: Mirror { Mirror(self, children: ["method": self.method.rawValue, "url": self.url]) }
}

/// An answer; its body is not printed.
public struct TransportResponse: Sendable {
    /// The status.
    public var status: Int
    /// The headers.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: [UInt8]

    /// Creates an answer from its parts.
    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header, whose name is compared without regard to case.
    public func header(_ name: String) -> String? {
        self.headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The requested pause, given as a number of seconds or as a time.
    ///
    /// A time is compared with the answer's own `Date`, if it has one, so that a wrong clock of this machine does not matter.
    public var retryAfter: Duration? {
        guard let text = self.header("Retry-After") else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // What does not fit is longer than anybody waits.
            return .seconds(min(Int64(text) ?? .max, Self.longestPause))
        }
        guard let time = HTTPDate.date(from: text) else { return nil }
        let now = self.header("Date").flatMap { HTTPDate.date(from: $0) } ?? Date()
        return .seconds(
            Int64(min(max(time.timeIntervalSince(now), 0), Double(Self.longestPause)).rounded(.up)))
    }

    private static let longestPause: Int64 = 1_000_000_000
}

extension TransportResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Status and size.
    public var description: String { "HTTP \(self.status), \(self.body.count) bytes" }
    /// Status and size.
    public var debugDescription: String { self.description }
    /// A mirror without headers and body.
    public var customMirror: Mirror { Mirror(self, children: ["status": self.status, "bytes": self.body.count]) }
}
