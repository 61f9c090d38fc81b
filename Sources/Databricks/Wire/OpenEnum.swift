//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A set of names that the service may extend at any time.
///
/// Known names are static constants; a name that this version does not know is kept unchanged.
public protocol OpenEnum: RawRepresentable, Codable, Hashable, Sendable, CustomStringConvertible
where RawValue == String {
    /// Takes any name, known or not.
    init(rawValue: String)
}

extension OpenEnum {
    /// The name as the service writes it.
    public var description: String { self.rawValue }
}
