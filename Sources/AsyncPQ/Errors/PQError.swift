//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// An error of a connection, of a query, or of the server.
///
/// The description names cause and SQLSTATE and is free of passwords and bound values. The server's own texts can quote
/// values of parameters and rows: its message is in ``serverMessage``, its DETAIL line in ``detail``.
public struct PQError: Error, Sendable {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case server, connectionFailed, tlsFailed, connectionClosed, timedOut, nameResolutionFailed, decodingFailed
            case invalidConfiguration, unsupported, system, leaseEnded, busy, commitUnknown, notificationsLost
        }

        private let kind: Kind

        /// The server answered with an error; see ``PQError/server``.
        public static let server = Code(kind: .server)
        /// The client could not connect.
        ///
        /// ``PQError/server`` is set when the server refused it in words.
        public static let connectionFailed = Code(kind: .connectionFailed)
        /// TLS could not be set up: not offered, or the server's certificate is not trusted or not for this host.
        public static let tlsFailed = Code(kind: .tlsFailed)
        /// The connection was closed by either side, or was lost.
        public static let connectionClosed = Code(kind: .connectionClosed)
        /// A deadline passed.
        ///
        /// ``PQError/isSafeToRetry`` says whether nothing of the statement was done.
        public static let timedOut = Code(kind: .timedOut)
        /// The connection was lost between sending COMMIT and receiving its answer: the transaction may be committed.
        ///
        /// Never repeat such a transaction without looking at what it should have changed.
        public static let commitUnknown = Code(kind: .commitUnknown)
        /// The host name has no address.
        public static let nameResolutionFailed = Code(kind: .nameResolutionFailed)
        /// A cell could not be decoded as the requested Swift type.
        public static let decodingFailed = Code(kind: .decodingFailed)
        /// The configuration is invalid.
        public static let invalidConfiguration = Code(kind: .invalidConfiguration)
        /// A feature that this library does not have.
        public static let unsupported = Code(kind: .unsupported)
        /// The operating system refused a resource.
        public static let system = Code(kind: .system)
        /// A connection of a pool was used after its lease had ended.
        public static let leaseEnded = Code(kind: .leaseEnded)
        /// A listener did not read its notifications in time and missed some.
        public static let notificationsLost = Code(kind: .notificationsLost)

        /// A stream of rows or a COPY is open on the connection, which runs nothing else until it has ended.
        public static let busy = Code(kind: .busy)

        /// The code's name.
        public var description: String { self.kind.rawValue }
    }

    /// The kind of failure.
    public var code: Code
    /// What happened, in a sentence, without secrets.
    ///
    /// For an error of the server it is the server's message, which can quote a value.
    public var message: String
    /// The server's error, field by field, if the server sent one.
    public var server: PQServerError?
    /// The text of the query, with placeholders and without values, if one was involved.
    public var query: String?
    /// Which statement of a pipeline or of a batch failed, counted from 0.
    public var statementIndex: Int?

    /// Whether a statement that the error is about was not sent, or was undone by the server.
    var didNothing = false

    /// Whether the resolver reported a temporary failure for the name.
    package var isTemporary = false

    /// Creates an error of the given kind.
    public init(_ code: Code, _ message: String, server: PQServerError? = nil, query: String? = nil) {
        self.code = code
        self.message = message
        self.server = server
        self.query = query
    }

    /// Whether the failed attempt certainly changed nothing, so that it may be repeated.
    ///
    /// True if no connection could be opened, for transactions that the server itself rolled back
    /// (serialization failure, deadlock), and for a statement that was stopped at its deadline. A connection lost in the
    /// middle of a query is not safe.
    public var isSafeToRetry: Bool {
        if self.code == .connectionFailed || self.code == .nameResolutionFailed || self.didNothing { return true }
        return self.isConflict
    }

    /// Whether the server rolled the transaction back because of other transactions.
    var isConflict: Bool {
        guard self.code != .commitUnknown else { return false }
        return self.sqlState == .serializationFailure || self.sqlState == .deadlockDetected
    }

    /// Whether a transaction that failed with this error may be run again as a whole, if its body may.
    package var letsTransactionRunAgain: Bool {
        self.sqlState == .serializationFailure || self.sqlState == .deadlockDetected || self.meansStaleStatement
    }

    /// Whether a prepared statement no longer exists, or has a result of another form than when it was prepared.
    ///
    /// The server's words may be translated; those of its internal errors never are.
    package var meansStaleStatement: Bool {
        guard let server else { return false }
        switch server.sqlState {
        case .invalidSqlStatementName: return true
        case .featureNotSupported:
            return server.sourceRoutine == "RevalidateCachedQuery" || server.message.contains("cached plan")
        case .internalError:
            return server.message.hasPrefix("cache lookup failed for ")
                || server.message.hasPrefix("could not open relation with OID")
        default: return false
        }
    }

    /// Whether the parameter types of a prepared statement may be the cause, after a change of schema.
    var mayMeanStaleStatement: Bool {
        switch self.sqlState {
        case .undefinedFunction, .undefinedObject, .datatypeMismatch, .indeterminateDatatype: true
        default: false
        }
    }

    /// Whether a column of the result has a type without a binary form, such as `aclitem`, so that it can only be had as text.
    ///
    /// The server's words may be translated; the names of its functions never are.
    var meansNoBinaryForm: Bool {
        guard self.sqlState == .undefinedFunction, let routine = self.server?.sourceRoutine else { return false }
        return Self.binaryWriters.contains { $0.isExactly(routine) }
    }

    /// The server's functions that look for the binary form of a type: of a value, and of what an array or a range holds.
    private static let binaryWriters = [
        "getTypeBinaryOutputInfo", "array_send", "get_range_io_data", "get_multirange_io_data",
    ]

    static func system(_ call: String, _ number: Int32) -> PQError {
        PQError(.system, "\(call) failed with errno \(number)")
    }
}

extension PQError: CustomStringConvertible {
    /// Cause, SQLSTATE and hint in one line.
    ///
    /// Where the server quotes a value, as in `invalid input syntax for type integer`, it is left out; ``serverMessage``
    /// has it.
    public var description: String {
        guard let server else { return self.message }
        return self.described(server.quotesValue ? ServerText.withoutQuoted(self.message) : self.message)
    }

    /// The description with the values that the server quotes, for the author of the statement.
    package var descriptionWithValues: String { self.described(self.message) }

    private func described(_ message: String) -> String {
        guard let server else { return message }
        return "\(message) (SQLSTATE \(server.sqlState.rawValue))" + (server.hint.map { "; hint: \($0)" } ?? "")
    }
}
