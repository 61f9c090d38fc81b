//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Databricks
import ExactText

/// The fields that an update changes (reference: update_mask).
///
/// Read against the ``MaskTable`` of the resource: an unknown path is refused first, then a path that cannot change,
/// then a path that the body lacks.
package struct RequestedFields: Sendable {
    private let entries: [String]
    private let body: JSONValue

    /// Reads the text of the query; a missing mask is an error.
    package init(_ text: String?, body: JSONValue) throws(APIFailure) {
        let entries = (text ?? "").splitExactly(at: ",", omittingEmptySubsequences: false).map { entry in
            String(entry).trimmingASCIIWhitespace()
        }
        guard !entries.isEmpty, entries.allSatisfy({ !$0.utf8.isEmpty }) else { throw .missing("update_mask") }
        self.entries = entries
        self.body = body
    }

    /// The paths of the fields that change, by their names in masks.
    func select(from table: MaskTable) throws(APIFailure) -> Set<String> {
        var found: [(entry: String, field: MaskTable.Field?)] = []
        for entry in self.entries {
            if entry.isExactly("*") {
                found.append((entry, nil))
            } else if let field = table.find(entry) {
                found.append((entry, field))
            } else {
                throw .invalid("Unknown field path in update_mask: '\(entry)'")
            }
        }
        for case (let entry, .fixed?) in found {
            throw .invalid("Field '\(entry)' is in update_mask and cannot be changed")
        }
        var selected = Set<String>()
        for (entry, field) in found {
            if let field {
                try self.select(field, entry, into: &selected)
            } else {
                for leaf in table.leaves { try self.require(leaf) }
                selected.formUnion(table.leaves.map(\.path))
            }
        }
        return selected
    }

    private func select(
        _ field: MaskTable.Field, _ entry: String, into selected: inout Set<String>
    ) throws(APIFailure) {
        let leaves = MaskTable.leaves(of: field, at: entry)
        switch field {
        case .ignored, .fixed: break
        case .value, .required, .map, .list, .oneof:
            for leaf in leaves { try self.require(leaf) }
            selected.formUnion(leaves.map(\.path))
        case .message where !entry.utf8.contains(UInt8(ascii: ".")):
            // The spec as a whole means the fields that are given.
            guard self.has(entry) else { throw Self.absent(entry) }
            selected.formUnion(leaves.filter { self.has($0) }.map(\.path))
        case .message:
            // An object inside of it is replaced: fields that are not given are reset to their defaults.
            guard self.has(entry) else { throw Self.absent(entry) }
            for leaf in MaskTable.needed(of: field, at: entry) { try self.require(leaf) }
            selected.formUnion(leaves.map(\.path))
        }
    }

    private func require(_ leaf: MaskTable.Leaf) throws(APIFailure) {
        guard leaf.isClearable || self.has(leaf) else { throw Self.absent(leaf.path) }
    }

    /// Whether the mask has only this entry.
    func isOnly(_ entry: String) -> Bool { self.entries.count == 1 && self.names(entry) }

    /// Whether the mask contains this entry.
    func names(_ entry: String) -> Bool { self.entries.contains { $0.isExactly(entry) } }

    /// Whether the body has a value for a field.
    func has(_ leaf: MaskTable.Leaf) -> Bool { leaf.members.contains { self.has($0) } }

    /// Whether the body has a value at that path.
    func has(_ path: String) -> Bool {
        var value = self.body
        for part in path.splitExactly(at: ".") {
            guard let member = value[String(part)], member != .null else { return false }
            value = member
        }
        return true
    }

    /// 400 for a field that the mask names and the body lacks.
    static func absent(_ path: String) -> APIFailure {
        .invalid("Field '\(path)' is in update_mask but not provided in request")
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
