//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The fields of a resource that an update is to change.
///
/// Paths are relative to the resource and have `spec.` in front for ``Postgres``: `["spec.display_name"]`. A field in the mask and not in the
/// resource is an error at the service; to clear a list, give it as empty.
public struct UpdateMask: Sendable, Hashable {
    /// The paths.
    public var paths: [String]

    /// A mask of paths.
    public init(_ paths: [String]) { self.paths = paths }

    /// A mask as it stands in a query: paths with commas between them.
    public init(text: String) {
        self.paths = text.split(separator: ",").map(String.init)
    }

    /// Every field, also those that the resource does not have.
    public static let all = UpdateMask(["*"])
}

extension UpdateMask: ExpressibleByArrayLiteral, ExpressibleByStringLiteral, CustomStringConvertible {
    /// A mask of paths.
    public init(arrayLiteral elements: String...) { self.init(elements) }

    /// A mask as it stands in a query: paths with commas between them.
    public init(stringLiteral value: String) { self.init(text: value) }

    /// The paths with commas between them.
    public var description: String { self.paths.joined(separator: ",") }
}
