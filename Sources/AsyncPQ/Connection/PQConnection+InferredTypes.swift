//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import ExactText

/// Parameters whose type the server infers.
///
/// The server infers such a type when it parses a statement, from a column for instance, and a prepared statement keeps
/// it for good. When the column's type is changed afterwards, the value goes through the old type and then through a
/// conversion: a `timestamp` that became a `timestamp with time zone` would store another instant, and `007` another
/// text. So a statement is kept only if nothing can come of that: if the type was stated, or converts to whatever the
/// column becomes without loss.
extension PQConnection {
    /// Refuses a query that must not be sent; returns whether the statement has to be parsed at each use.
    ///
    /// To be called right before sending.
    func mustBeParsed(_ query: PQQuery, on handle: OpaquePointer) throws -> Bool {
        try self.checkCancellation()
        try SessionEncoding.check(query, on: handle)
        try PlaceholderCheck.check(query, on: handle)
        return query.bindings.leavesTypes && self.session.unpreparable.contains(query.sql)
    }

    /// Whether a statement that was just prepared may stay prepared; otherwise it is forgotten.
    ///
    /// - Throws: What the server says, and `CancellationError`. Nothing may be sent then.
    func mayKeep(
        _ query: PQQuery, _ key: StatementCache.Key, preparedAs name: String, on handle: OpaquePointer
    ) async throws -> Bool {
        do {
            try self.checkCancellation()
            let holds = try await self.inferredTypesHold(of: query, preparedAs: name, on: handle)
            try self.requireOpen(handle)
            try self.checkCancellation()
            if holds { return true }
        } catch {
            self.session.statements.forget(key)
            throw error
        }
        self.session.unpreparable.insert(query.sql)
        self.session.statements.forget(key)
        return false
    }

    private func inferredTypesHold(
        of query: PQQuery, preparedAs name: String, on handle: OpaquePointer
    ) async throws -> Bool {
        guard query.bindings.leavesTypes else { return true }
        guard PQsendDescribePrepared(handle, name) != 0 else { throw self.broken() }
        let description = try await self.receive(handle, query: query.sql)
        var ownTypes: [UInt32] = []
        for (index, parameter) in query.bindings.parameters.enumerated() where parameter.leavesType {
            let type = PQparamtype(description.pointer, Int32(clamping: index))
            if type >= PQDataType.firstUserType {
                ownTypes.append(type)
            } else if !PQDataType(rawValue: type).keepsText {
                return false
            }
        }
        guard !ownTypes.isEmpty else { return true }
        return try await self.areLikeText(ownTypes, on: handle)
    }

    /// Whether all of these types are text-like: enumerations, or text types of an extension, such as citext, or arrays of such.
    private func areLikeText(_ types: [UInt32], on handle: OpaquePointer) async throws -> Bool {
        try self.requireOpen(handle)
        try self.checkCancellation()
        let list = Set(types).map(String.init).joined(separator: ",")
        let rows = try await self.run(
            "SELECT pg_catalog.count(*) FROM pg_catalog.pg_type t JOIN pg_catalog.pg_type e "
                + "ON e.oid = CASE t.typcategory WHEN 'A' THEN t.typelem ELSE t.oid END WHERE t.oid IN (\(list)) AND "
                + "(e.typtype = 'e' OR e.typtype = 'b' AND e.typcategory = 'S')", deadline: nil
        )
        return try rows.first?.decode(Int.self, at: 0) == Set(types).count
    }
}

extension PQDataType {
    /// Whether a parameter of this type reaches a column of any other type unchanged.
    ///
    /// A text stays what it is, and so does JSON. Where there is no conversion, the server refuses the statement.
    fileprivate var keepsText: Bool {
        switch self {
        case .text, .varchar, .json, .jsonb, .unknown: true
        default: self == PQDataType.text.arrayType || self == PQDataType.varchar.arrayType
        }
    }
}

/// The latest texts of statements that are not prepared on a connection.
struct UnpreparableTexts {
    private var texts: Set<ExactText> = []
    private static let limit = 1024

    func contains(_ sql: String) -> Bool { !self.texts.isEmpty && self.texts.contains(ExactText(sql)) }

    mutating func insert(_ sql: String) {
        // A text that was dropped is prepared and described once more.
        if self.texts.count >= Self.limit { self.texts.removeAll() }
        self.texts.insert(ExactText(sql))
    }
}
