//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A column that a COPY in binary form writes.
struct CopyColumn: Sendable, Hashable {
    var name: String
    /// The type, of a domain the type that it is based on.
    var type: PQDataType
    /// Whether the type's binary form is its text: the text types, enumerations, and text types of extensions.
    var isText: Bool
    /// The type's name, with its modifiers.
    var typeName: String

    /// How a value becomes the column's binary form.
    enum Conversion: Hashable {
        /// The value's own bytes.
        case none
        /// Text with the version of `jsonb` before it.
        case jsonb
        /// An integer of another width, in bytes.
        case integer(from: Int, to: Int)
        /// A `real` for `double precision`.
        case widenedFloat
        /// A `Date`, for a type of date and time.
        case date
    }

    /// How values of a Swift type become the column's binary form; nil when they do not fit.
    ///
    /// The server would take the bytes of another type for its own where the length happens to be right.
    func conversion<Value: PQEncodable>(of type: Value.Type) -> Conversion? {
        if DateEncoding.isDate(type), DateEncoding.types.contains(self.type) { return .date }
        guard Value.pqFormat == .binary else {
            if self.isText { return Conversion.none }
            return self.type == .jsonb && Value.pqDataType == .inferred ? .jsonb : nil
        }
        let given = Value.pqDataType
        switch (given, self.type) {
        case (self.type, _): return Conversion.none
        // The two have the same binary form, and the server checks the difference.
        case (.varbit, .bit), (.inet, .cidr): return Conversion.none
        case (.float4, .float8): return .widenedFloat
        // Records, and types of extensions.
        case (.inferred, _) where self.type.rawValue >= PQDataType.firstUserType && !self.isText: return Conversion.none
        case _:
            guard let from = Self.width(given), let to = Self.width(self.type) else { return nil }
            return .integer(from: from, to: to)
        }
    }

    private static func width(_ type: PQDataType) -> Int? {
        switch type {
        case .int2: 2
        case .int4: 4
        case .int8: 8
        default: nil
        }
    }

    /// The columns that can be written, and how to find them.
    ///
    /// - Parameter table: The quoted name of the table.
    static func query(_ table: String) -> PQQuery {
        """
        WITH RECURSIVE found AS (
            SELECT a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) AS declared,
                t.oid, t.typtype, t.typcategory, t.typbasetype
            FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
            WHERE a.attrelid = \(table)::pg_catalog.regclass
                AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            UNION ALL
            SELECT found.attnum, found.attname, found.declared, t.oid, t.typtype, t.typcategory, t.typbasetype
            FROM found JOIN pg_catalog.pg_type AS t ON t.oid = found.typbasetype
            WHERE found.typtype = 'd'
        )
        SELECT attname, oid, typtype = 'e' OR typcategory = 'S' AND oid <> '"char"'::pg_catalog.regtype
            OR oid IN ('json'::pg_catalog.regtype, 'xml'::pg_catalog.regtype), declared
        FROM found WHERE typtype <> 'd' ORDER BY attnum
        """
    }

    init(_ row: PQRow) throws(PQError) {
        let (name, type, isText, typeName) = try row.decode((String, UInt32, Bool, String).self)
        self.init(name: name, type: PQDataType(rawValue: type), isText: isText, typeName: typeName)
    }

    init(name: String, type: PQDataType, isText: Bool, typeName: String) {
        self.name = name
        self.type = type
        self.isText = isText
        self.typeName = typeName
    }
}
