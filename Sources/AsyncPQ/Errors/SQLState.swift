//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A five-character SQLSTATE: what kind of error or notice the server reports.
///
/// The constants carry the condition names of PostgreSQL's Appendix A. A code that is not among them is kept as it came.
public struct SQLState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The five characters.
    public let rawValue: String

    /// Any code, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    init(_ code: StaticString) { self.rawValue = "\(code)" }

    /// The first two characters, which name the class: `08` connection, `28` authorization, `40` rollback, and so on.
    public var classCode: String { String(self.rawValue.prefix(2)) }

    /// The five characters.
    public var description: String { self.rawValue }

    /// Whether the server is starting, stopping or not reachable, so that connecting may succeed a little later.
    ///
    /// Class 08 and 57P03, as the vendor's own command retries them; never a statement that was already sent.
    public var isConnectionWorthRetrying: Bool { self.classCode == "08" || self == .cannotConnectNow }

    static func isCodeUnit(_ unit: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(unit) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(unit)
    }
}
