//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import ExactText
import SQLTokens

/// Derives the missing privilege from the catalogue's facts, with the statement that grants it and the role that may
/// run it.
extension PermissionDiagnosis {
    private struct Lack {
        var problem: LakebaseProblem
        var finding: String
        var command: String
        var owner: String
        /// Whether the error itself names the object.
        var isNamed: Bool
    }

    /// The verdict on SQLSTATE 42501.
    ///
    /// - Parameter message: The server's message. If privileges on several objects are missing, the object that it
    ///   names comes first.
    package func permissionVerdict(message: String) -> LakebaseExplanation {
        let lacks = self.lacks(message)
        guard let first = lacks.first(where: \.isNamed) ?? lacks.first else { return self.nothingLacking() }
        // The server stopped at the first missing privilege; it would report the others next.
        let others = lacks.filter { $0.finding != first.finding }
        return LakebaseExplanation(
            first.problem, first.finding, evidence: self.evidence + others.map { "also: \($0.finding)" },
            remedy: first.problem == .notOwner
                ? "have the owner do it, or become a member of the owner's role"
                : "have the privilege granted",
            command: first.command,
            requiredRole: "\"\(first.owner)\", who owns it, or a member of that role")
    }

    /// The verdict on SQLSTATE 42P01: without USAGE on a schema, its objects seem not to exist.
    func missingRelationVerdict() -> LakebaseExplanation {
        let found = self.meant
        guard let first = found.first else {
            return LakebaseExplanation(
                .relationMissing, "the database \"\(self.database.name)\" has no table or view of that name",
                evidence: self.evidence, command: LakebaseProblem.relationMissing.command)
        }
        let owner = self.schemas.first { $0.name.isExactly(first.schema) }?.owner ?? first.owner
        guard first.mayUseSchema else {
            return LakebaseExplanation(
                .schemaPrivilegeMissing,
                "\(self.quoted(first)) exists, and \"\(self.role)\" lacks USAGE on its schema",
                evidence: self.evidence, remedy: "have the privilege granted",
                command: "GRANT USAGE ON SCHEMA \(Self.quote(first.schema)) TO \(Self.quote(self.role));",
                requiredRole: "\"\(owner)\", who owns the schema, or a member of that role")
        }
        return LakebaseExplanation(
            .relationElsewhere, "\(self.quoted(first)) exists, and search_path does not lead to it",
            evidence: self.evidence,
            remedy: "set LAKEBASE_SCHEMA to \(first.schema), or write the schema in front of the name",
            command: "SET search_path TO \(Self.quote(first.schema)), public;")
    }

    /// The verdict on SQLSTATE 3F000.
    package func missingSchemaVerdict(message: String) -> LakebaseExplanation {
        let quoted = message.splitExactly(at: "\"", omittingEmptySubsequences: false)
        // Without a name none of the schemas in search_path exists: the first of them was meant.
        let name = quoted.count >= 3 ? String(quoted[1]) : self.firstOfPath
        if let name, let schema = self.schemas.first(where: { $0.name.isExactly(name) }) {
            return LakebaseExplanation(
                .schemaPrivilegeMissing, "the schema \"\(name)\" exists, and \"\(self.role)\" lacks USAGE on it",
                evidence: self.evidence, remedy: "have the privilege granted",
                command: "GRANT USAGE ON SCHEMA \(Self.quote(name)) TO \(Self.quote(self.role));",
                requiredRole: "\"\(schema.owner)\", who owns the schema, or a member of that role")
        }
        let what = name.map { "the schema \"\($0)\"" } ?? "the schema"
        let requiredRole =
            self.database.mayCreate ? "\"\(self.role)\" itself" : "\"\(self.database.owner)\", who owns the database"
        return LakebaseExplanation(
            .schemaMissing, "\(what) does not exist in the database \"\(self.database.name)\"", evidence: self.evidence,
            remedy: "create it, or correct LAKEBASE_SCHEMA",
            command: "CREATE SCHEMA \(Self.quote(name ?? "NAME"));", requiredRole: requiredRole)
    }

    // MARK: Missing privileges

    private func lacks(_ message: String) -> [Lack] {
        let verb = self.names.verb
        var lacks: [Lack] = []
        for relation in self.meant + self.usedSequences where !relation.mayUseSchema {
            let owner = self.schemas.first { $0.name.isExactly(relation.schema) }?.owner ?? relation.owner
            lacks.append(self.lack(usageOf: relation.schema, owner, message))
        }
        if verb == "CREATE" || verb == "IMPORT" { lacks += self.lacksForCreating(message) }
        if Self.ownersVerbs.contains(verb) { lacks += self.lacksOfOwnership(message) }
        lacks += self.meant.compactMap { self.lack(on: $0, verb, message) }
        if ["INSERT", "MERGE", "COPY", ""].contains(verb) || !Self.tableVerbs.keys.contains(verb) {
            lacks += self.usedSequences.compactMap { self.lack(on: $0, "", message) }
        }
        lacks += self.functions.map { function in
            Lack(
                problem: .functionPrivilegeMissing,
                finding: "\"\(self.role)\" lacks EXECUTE on \(function.schema).\(function.signature)",
                command: "GRANT EXECUTE ON FUNCTION \(Self.quote(function.schema)).\(function.signature) "
                    + "TO \(Self.quote(self.role));",
                owner: function.owner, isNamed: Self.names(message, function.signature.prefix { $0 != "(" }))
        }
        return lacks
    }

    private static let tableVerbs: [String: [String]] = [
        "SELECT": ["SELECT"], "TABLE": ["SELECT"], "INSERT": ["INSERT"], "UPDATE": ["UPDATE"], "DELETE": ["DELETE"],
        "TRUNCATE": ["TRUNCATE"], "MERGE": ["SELECT", "INSERT", "UPDATE", "DELETE"], "COPY": ["SELECT", "INSERT"],
        "LOCK": ["UPDATE"],
    ]
    private static let ownersVerbs: Set = [
        "ALTER", "DROP", "COMMENT", "GRANT", "REVOKE", "REINDEX", "REFRESH", "CREATE",
    ]

    private func lack(on relation: Relation, _ verb: String, _ message: String) -> Lack? {
        guard !relation.ownsIt else { return nil }
        let wanted: [String]
        if relation.isSequence {
            // Reading a sequence as a table is rare; calling nextval is what statements do.
            wanted = ["USAGE"]
        } else if Self.ownersVerbs.contains(verb) {
            return nil
        } else {
            wanted = self.wanted(of: relation, verb)
        }
        let missing = wanted.filter { !relation.privileges.contains($0) }
        guard !missing.isEmpty else { return nil }
        let list = missing.joined(separator: ", ")
        let isNamed = Self.names(message, relation.name)
        let kind = relation.isSequence ? "SEQUENCE" : "TABLE"
        var finding =
            "\"\(self.role)\" lacks \(list) on \(relation.isSequence ? "the sequence " : "")\(self.quoted(relation))"
        if let table = relation.usedBy { finding += ", from which a column of \(table) takes its default" }
        return Lack(
            problem: relation.isSequence ? .sequencePrivilegeMissing : .tablePrivilegeMissing, finding: finding,
            command: "GRANT \(list) ON \(kind) \(self.quoted(relation)) TO \(Self.quote(self.role));",
            owner: relation.owner, isNamed: isNamed)
    }

    /// The privileges that the statement needs on a table it names.
    private func wanted(of relation: Relation, _ verb: String) -> [String] {
        let keywords = self.names.keywords
        let isTarget = self.names.targets.contains(relation.name)
        guard var wanted = Self.tableVerbs[verb] else { return ["SELECT", "INSERT", "UPDATE", "DELETE"] }
        // A table elsewhere in the statement is only read.
        if !self.names.targets.isEmpty, !isTarget { return ["SELECT"] }
        let reads = keywords.contains { $0 == "WHERE" || $0 == "RETURNING" || $0 == "CONFLICT" }
        if reads, !wanted.contains("SELECT"), verb != "TRUNCATE" { wanted.append("SELECT") }
        let locks = zip(keywords, keywords.dropFirst()).contains { $0 == "FOR" && ($1 == "UPDATE" || $1 == "SHARE") }
        if verb == "SELECT", locks { wanted.append("UPDATE") }
        return wanted
    }

    private func lack(usageOf schema: String, _ owner: String, _ message: String) -> Lack {
        Lack(
            problem: .schemaPrivilegeMissing, finding: "\"\(self.role)\" lacks USAGE on the schema \"\(schema)\"",
            command: "GRANT USAGE ON SCHEMA \(Self.quote(schema)) TO \(Self.quote(self.role));", owner: owner,
            isNamed: Self.names(message, schema))
    }

    private func lacksForCreating(_ message: String) -> [Lack] {
        let what = self.names.keywords.dropFirst().first ?? ""
        let isOfDatabase = ["SCHEMA", "EXTENSION", "PUBLICATION"].contains(what)
        if isOfDatabase, !self.database.mayCreate {
            return [self.lack(ofDatabase: "CREATE")]
        }
        if what.hasPrefix("TEMP"), !self.database.mayUseTemporary { return [self.lack(ofDatabase: "TEMPORARY")] }
        let named = self.schemas.filter { self.names.words.contains($0.name) && !$0.mayCreate }
        let path = self.schemas.filter { $0.isInPath && !$0.mayCreate }
        return (named.isEmpty ? Array(path.prefix(1)) : named).map { schema in
            Lack(
                problem: .schemaPrivilegeMissing,
                finding: "\"\(self.role)\" lacks CREATE on the schema \"\(schema.name)\"",
                command: "GRANT CREATE ON SCHEMA \(Self.quote(schema.name)) TO \(Self.quote(self.role));",
                owner: schema.owner, isNamed: Self.names(message, schema.name))
        }
    }

    private func lack(ofDatabase privilege: String) -> Lack {
        Lack(
            problem: .databasePrivilegeMissing,
            finding: "\"\(self.role)\" lacks \(privilege) on the database \"\(self.database.name)\"",
            command: "GRANT \(privilege) ON DATABASE \(Self.quote(self.database.name)) TO \(Self.quote(self.role));",
            owner: self.database.owner, isNamed: true)
    }

    private func lacksOfOwnership(_ message: String) -> [Lack] {
        self.meant.filter { !$0.ownsIt }.map { relation in
            Lack(
                problem: .notOwner,
                finding:
                    "\(self.quoted(relation)) belongs to \"\(relation.owner)\", of which \"\(self.role)\" is no member",
                command: "GRANT \(Self.quote(relation.owner)) TO \(Self.quote(self.role));",
                owner: relation.owner, isNamed: Self.names(message, relation.name))
        }
    }

    private func nothingLacking() -> LakebaseExplanation {
        let writes = ["INSERT", "UPDATE", "MERGE", "COPY"].contains(self.names.verb)
        if writes, let relation = self.meant.first(where: \.hasPolicies) {
            return LakebaseExplanation(
                .rowSecurity,
                "the privileges are there, and no policy of \(self.quoted(relation)) lets \"\(self.role)\" write such a row",
                evidence: self.evidence,
                command: SQLQuoting.literal(relation.name).map {
                    "SELECT policyname, cmd, qual, with_check FROM pg_policies WHERE tablename = \($0);"
                },
                requiredRole: nil)
        }
        return LakebaseExplanation(
            .permissionDenied,
            "nothing that the statement names lacks a privilege now: it was granted meanwhile, or a view or function of "
                + "another owner lacks it",
            isEstablished: false, evidence: self.evidence,
            remedy: "try again; if it stays, ask the owner of the view or function")
    }

    // MARK: Texts

    private static func quote(_ name: String) -> String { PQQuery.quoteIdentifier(name) }

    private func quoted(_ relation: Relation) -> String {
        "\(Self.quote(relation.schema)).\(Self.quote(relation.name))"
    }

    private var firstOfPath: String? {
        self.searchPath.split(separator: ",").map { part in
            let name = part.drop { $0 == " " }
            return name.hasPrefix("\"")
                ? String(name.dropFirst().dropLast()).replacing("\"\"", with: "\"") : String(name)
        }.first { $0 != "$user" && $0 != "public" && !$0.isEmpty }
    }

    private var evidence: [String] {
        var lines = [
            "the role is \"\(self.role)\", the database \"\(self.database.name)\" of \"\(self.database.owner)\""
        ]
        lines.append("search_path is \(self.searchPath)")
        lines += self.meant.prefix(5).map { relation in
            let held = relation.privileges.isEmpty ? "nothing" : relation.privileges.sorted().joined(separator: ", ")
            return "\(self.quoted(relation)) belongs to \"\(relation.owner)\"; \"\(self.role)\" may \(held)"
        }
        return lines
    }

    /// Whether the message contains the name, as a whole word or at its end.
    private static func names(_ message: String, _ name: some StringProtocol) -> Bool {
        message.hasSuffix(" \(name)") || message.split(separator: " ").contains { $0 == name }
            || message.contains("\"\(name)\"")
    }
}
