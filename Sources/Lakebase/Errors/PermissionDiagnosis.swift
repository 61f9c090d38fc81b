//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// The catalogue's facts about the objects of a failed statement, as seen by the role that ran it.
///
/// Gathered by ``PermissionEvidence``, judged by the functions beside it.
package struct PermissionDiagnosis: Sendable, Equatable {
    /// A table, view, sequence or the like.
    struct Relation: Sendable, Equatable {
        var schema: String
        var name: String
        var isSequence = false
        var owner: String
        /// Whether the role is the owner or a member of it.
        var ownsIt = false
        var mayUseSchema = true
        /// The privileges that the role has, of SELECT, INSERT, UPDATE, DELETE, TRUNCATE and, for a sequence, USAGE.
        var privileges: Set<String> = []
        /// Whether policies hold for the role.
        var hasPolicies = false
        /// Whether the unqualified name resolves to this relation.
        var isVisible = true
        /// The table whose column takes its default from this sequence.
        var usedBy: String?
    }

    package struct Schema: Sendable, Equatable {
        package var name: String
        package var owner: String
        package var mayUse = true
        package var mayCreate = false
        /// Whether `search_path` names it.
        package var isInPath = false
    }

    /// A function that the role may not call.
    struct Function: Sendable, Equatable {
        var schema: String
        /// The name with the types of its arguments.
        var signature: String
        var owner: String
    }

    struct Database: Sendable, Equatable {
        var name: String
        var owner: String
        var mayCreate = false
        var mayUseTemporary = true
    }

    package var role: String
    package var searchPath: String
    var database: Database
    var relations: [Relation] = []
    package var schemas: [Schema] = []
    var functions: [Function] = []
    /// The names in the statement and in the error.
    var names: StatementNames
}

extension PermissionDiagnosis {
    /// The objects that the statement means: of several with one name, those in a schema that it names, else the
    /// visible ones.
    var meant: [Relation] {
        let named = self.relations.filter { $0.usedBy == nil }
        var meant: [Relation] = []
        for (index, relation) in named.enumerated()
        where !named[..<index].contains(where: { $0.name.isExactly(relation.name) }) {
            let same = named.filter { $0.name.isExactly(relation.name) }
            let qualified = same.filter { self.names.words.contains($0.schema) }
            let visible = same.filter(\.isVisible)
            meant += qualified.isEmpty ? (visible.isEmpty ? same : visible) : qualified
        }
        return meant
    }

    /// The sequences from which columns of the meant tables take their defaults.
    var usedSequences: [Relation] {
        let tables = Set(self.meant.map { "\($0.schema).\($0.name)" })
        return self.relations.filter { $0.usedBy.map(tables.contains) ?? false }
    }
}
