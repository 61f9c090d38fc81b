//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The fields of a query.
enum Query {
    /// The fields that have a value.
    static func fields(_ fields: (name: String, value: (any CustomStringConvertible)?)...)
        -> [(name: String, value: String)]
    {
        fields.compactMap { field in field.value.map { (field.name, $0.description) } }
    }

    /// The fields for a page of a list.
    static func page(size: Int?, token: String?) -> [(name: String, value: String)] {
        self.fields(("page_size", size), ("page_token", token))
    }
}

/// An empty body, for calls that require one.
struct EmptyBody: Encodable {}

/// An answer that is ignored.
struct AnyAnswer: Decodable {
    init(from decoder: any Decoder) throws {}
}

/// An answer that may or may not be a resource.
struct OptionalResponse<Resource: Decodable>: Decodable {
    let resource: Resource?

    init(from decoder: any Decoder) throws { self.resource = try? Resource(from: decoder) }
}
