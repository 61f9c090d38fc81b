//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An error of a gateway as a whole; an error of a single client is a ``LoginRejection``.
public struct GatewayError: Error, Sendable, CustomStringConvertible {
    /// The kind of error.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Base: String { case bindFailed, invalidTLS, alreadyRunning, notRunning }
        private let base: Base

        /// The gateway could not listen on an address.
        public static let bindFailed = Code(base: .bindFailed)

        /// The certificate, the key or another TLS setting cannot be used.
        public static let invalidTLS = Code(base: .invalidTLS)

        /// ``PostgresGateway/run()`` was called a second time.
        public static let alreadyRunning = Code(base: .alreadyRunning)

        /// The gateway has stopped, or the waiting task was cancelled before it ran.
        public static let notRunning = Code(base: .notRunning)

        /// The code's name.
        public var description: String { self.base.rawValue }
    }

    /// The kind of error.
    public var code: Code

    /// The cause and the remedy.
    public var message: String

    /// The error number of the system for ``Code/bindFailed``, for example `EADDRINUSE`.
    public var systemErrorNumber: Int32?

    /// The underlying error.
    public var underlying: (any Error)?

    /// Describes an error.
    public init(
        _ code: Code,
        message: String,
        systemErrorNumber: Int32? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.systemErrorNumber = systemErrorNumber
        self.underlying = underlying
    }

    /// The message.
    public var description: String { self.message }
}
