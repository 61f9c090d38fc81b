//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An error of starting a local Lakebase or of an operation on it.
///
/// ``message`` says what happened and where, ``remedy`` what to do about it. Neither ever holds a token or a secret.
public struct LocalLakebaseError: Error, Sendable, CustomStringConvertible {
    /// The kind of problem.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case dataDirectory, dataDirectoryInUse, postgresNotFound, postgresFailed, addressInUse, certificate
            case invalidConfiguration, stopped
        }
        private let value: Value

        /// The data directory cannot be used: not writable, not a directory, or not one of a local Lakebase.
        public static let dataDirectory = Code(value: .dataDirectory)
        /// Another process uses the same data directory.
        public static let dataDirectoryInUse = Code(value: .dataDirectoryInUse)
        /// There is no usable PostgreSQL installation.
        public static let postgresNotFound = Code(value: .postgresNotFound)
        /// PostgreSQL was found but did not start, or did not behave as expected.
        public static let postgresFailed = Code(value: .postgresFailed)
        /// A requested address or port is taken.
        public static let addressInUse = Code(value: .addressInUse)
        /// A certificate or key could not be created or read.
        public static let certificate = Code(value: .certificate)
        /// A setting has an invalid value.
        public static let invalidConfiguration = Code(value: .invalidConfiguration)
        /// The local Lakebase has stopped or is stopping.
        public static let stopped = Code(value: .stopped)

        /// The name of the code.
        public var description: String { self.value.rawValue }
    }

    /// The kind of problem.
    public var code: Code
    /// What happened and where, in one sentence.
    public var message: String
    /// What to do about it, if that is known.
    public var remedy: String?
    /// The underlying error.
    public var underlying: (any Error)?

    /// Makes an error.
    public init(_ code: Code, _ message: String, remedy: String? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.underlying = underlying
    }

    /// The message, followed by the remedy.
    public var description: String {
        guard let remedy = self.remedy else { return self.message }
        return "\(self.message) \(remedy)"
    }
}
