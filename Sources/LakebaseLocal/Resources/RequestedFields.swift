//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks

/// Which fields a change is about (reference: update_mask).
///
/// The service refuses a field that is named and not in the body, and one that cannot be changed.
struct RequestedFields: Sendable {
    /// A field that can be changed.
    struct Field: Sendable {
        /// Its path, such as `spec.is_protected`.
        var path: String
        /// Fields of one group stand for each other: `*` asks for one of them.
        var group: String?
        /// Whether naming it without giving it clears it: clients leave empty lists out.
        var isClearable = false

        init(_ path: String, group: String? = nil, isClearable: Bool = false) {
            self.path = path
            self.group = group
            self.isClearable = isClearable
        }
    }

    private let entries: [String]
    private let body: JSONValue

    /// Reads the query's text; none is an error.
    init(_ text: String?, body: JSONValue) throws(APIFailure) {
        let entries = (text ?? "").split(separator: ",", omittingEmptySubsequences: false).map { entry in
            String(entry).trimmingASCIIWhitespace()
        }
        guard !entries.isEmpty, entries.allSatisfy({ !$0.isEmpty }) else { throw .missing("update_mask") }
        self.entries = entries
        self.body = body
    }

    /// The paths of the fields that change, out of those that can.
    func select(from fields: [Field]) throws(APIFailure) -> Set<String> {
        var selected = Set<String>()
        for entry in self.entries {
            if entry == "*" {
                try self.selectAll(of: fields, into: &selected)
            } else if let field = fields.first(where: { $0.path == entry }) {
                guard field.isClearable || self.has(entry) else { throw Self.absent(entry) }
                selected.insert(entry)
            } else {
                let below = fields.filter { $0.path.hasPrefix(entry + ".") }
                guard !below.isEmpty else {
                    throw .invalid(
                        "Field 'update_mask' names '\(entry)', which cannot be changed. These can: "
                            + fields.map(\.path).joined(separator: ", ") + "."
                    )
                }
                guard self.has(entry) || below.allSatisfy(\.isClearable) else { throw Self.absent(entry) }
                // The whole of the spec is what is given of it; an object inside of it is replaced.
                selected.formUnion(below.map(\.path).filter { entry != "spec" || self.has($0) })
            }
        }
        return selected
    }

    private func selectAll(of fields: [Field], into selected: inout Set<String>) throws(APIFailure) {
        for field in fields where !field.isClearable && field.group == nil && !self.has(field.path) {
            throw Self.absent(field.path)
        }
        for group in Set(fields.compactMap(\.group)).sorted() {
            let members = fields.filter { $0.group == group }
            guard members.contains(where: { self.has($0.path) }) else {
                throw Self.absent(members.map(\.path).joined(separator: "' or '"))
            }
        }
        selected.formUnion(fields.filter { $0.isClearable || self.has($0.path) }.map(\.path))
    }

    /// Whether the mask is one entry, and this one.
    func isOnly(_ entry: String) -> Bool { self.entries == [entry] }

    /// Whether the mask names this very entry.
    func names(_ entry: String) -> Bool { self.entries.contains(entry) }

    /// Whether the body has a value at that path.
    func has(_ path: String) -> Bool {
        var value = self.body
        for part in path.split(separator: ".") {
            guard let member = value[String(part)], member != .null else { return false }
            value = member
        }
        return true
    }

    private static func absent(_ path: String) -> APIFailure {
        .invalid("Field 'update_mask' names '\(path)', which the request does not have.")
    }
}

extension String {
    fileprivate func trimmingASCIIWhitespace() -> String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
