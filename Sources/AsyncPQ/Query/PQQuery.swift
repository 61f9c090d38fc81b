//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import SQLTokens

/// The text of a query and the values bound to it.
///
/// Write a query as a string literal; an interpolated value becomes a bound parameter and is never inserted into the
/// text:
///
/// ```swift
/// let query: PQQuery = "SELECT id FROM notes WHERE author = \(author) AND created_at > \(since)"
/// // SELECT id FROM notes WHERE author = $1 AND created_at > $2
/// ```
///
/// A value stands for itself and cannot be a part of a text in quotes: `'%\(word)%'` is refused when the query is run.
/// Join the parts in SQL, `'%' || \(word) || '%'`, or in Swift.
///
/// Names of tables and columns cannot be parameters in SQL; `\(identifier: name)` puts one in, quoted.
public struct PQQuery: Sendable {
    /// The text, with `$1`, `$2` … where values go.
    public var sql: String { didSet { self.knowsPlaces = false } }
    /// The values.
    public var bindings: PQBindings { didSet { self.knowsPlaces = false } }
    /// Whether the bindings have the offsets of their placeholders.
    private(set) var knowsPlaces = false

    /// Creates a query from a trusted text, with values bound separately.
    ///
    /// - Parameter unsafeSQL: The text is sent to the server unchanged: never build it from input.
    /// - Parameter bindings: The values for `$1`, `$2` and so on.
    public init(unsafeSQL: String, bindings: PQBindings = PQBindings()) {
        self.sql = unsafeSQL
        self.bindings = bindings
    }

    /// Quotes a name for use in SQL.
    ///
    /// A name with a NUL, which none has, makes a text that no connection sends.
    public static func quoteIdentifier(_ name: String) -> String { SQLQuoting.name(name) }
}

extension PQQuery: ExpressibleByStringInterpolation {
    /// A query without parameters.
    public init(stringLiteral value: String) { self.init(unsafeSQL: value) }

    /// A query whose interpolated values are bound.
    public init(stringInterpolation: StringInterpolation) {
        self.init(unsafeSQL: stringInterpolation.sql, bindings: stringInterpolation.bindings)
        self.knowsPlaces = true
    }

    /// Collects the text and the values of a literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        var sql: String
        var bindings = PQBindings()
        /// Whether the text ends with a placeholder.
        private var endsWithValue = false

        /// Makes room for the text.
        public init(literalCapacity: Int, interpolationCount: Int) {
            self.sql = ""
            self.sql.reserveCapacity(literalCapacity + interpolationCount * 3)
        }

        /// Adds a piece of the text.
        public mutating func appendLiteral(_ literal: String) {
            guard !literal.isEmpty else { return }
            if self.endsWithValue, literal.startsExactly(with: "::") { self.bindings.noteCast() }
            self.endsWithValue = false
            self.sql += literal
        }

        /// Binds a value.
        public mutating func appendInterpolation<Value: PQEncodable>(_ value: Value) {
            self.bindings.append(value)
            self.bindings.notePlace(self.sql.utf8.count)
            self.endsWithValue = true
            self.sql += Self.placeholder(self.bindings.count)
        }

        private static func placeholder(_ number: Int) -> String {
            // Short enough to need no memory of their own.
            switch number {
            case 1: "$1"
            case 2: "$2"
            case 3: "$3"
            case 4: "$4"
            default: "$\(number)"
            }
        }

        /// Inserts a quoted name.
        public mutating func appendInterpolation(identifier name: String) {
            self.endsWithValue = false
            self.sql += PQQuery.quoteIdentifier(name)
        }

        /// Inserts trusted text unchanged.
        ///
        /// Never use it on input.
        public mutating func appendInterpolation(unescaped text: String) {
            self.endsWithValue = false
            self.sql += text
        }
    }
}

extension PQQuery: CustomStringConvertible {
    /// The text with its placeholders; never the values.
    public var description: String { self.sql }
}
