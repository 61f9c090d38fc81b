//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The fields of a resource that an update is to change.
///
/// Paths are relative to the resource and have `spec.` in front for ``Postgres``: `["spec.display_name"]`. A field in the mask and not in the
/// resource is an error at the service; to clear a list, give it as empty.
///
/// Fields that exclude each other go by the name of their group, which is no field: `spec.suspension` for `suspend_timeout_duration` and `no_suspension`
/// of an endpoint, `spec.default_endpoint_settings.suspension` for those of a project, `spec.expiration` for `ttl`, `expire_time` and `no_expiry` of a
/// branch. A map is named as a whole. `spec` alone changes what the resource has and leaves the rest; `*` asks for every field.
public struct UpdateMask: Sendable, Hashable {
    /// The paths.
    public var paths: [String]

    /// Creates a mask of paths.
    public init(_ paths: [String]) { self.paths = paths }

    /// Creates a mask from the text of a query: paths separated by commas.
    public init(text: String) {
        self.paths = text.split(separator: ",").map(String.init)
    }

    /// Every field, also those that the resource does not have.
    public static let all = UpdateMask(["*"])
}

extension UpdateMask: ExpressibleByArrayLiteral, ExpressibleByStringLiteral, CustomStringConvertible {
    /// Creates a mask of paths.
    public init(arrayLiteral elements: String...) { self.init(elements) }

    /// Creates a mask from the text of a query: paths separated by commas.
    public init(stringLiteral value: String) { self.init(text: value) }

    /// The paths, separated by commas.
    public var description: String { self.paths.joined(separator: ",") }
}
