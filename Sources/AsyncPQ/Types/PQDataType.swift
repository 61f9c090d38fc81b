//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A PostgreSQL data type, by its object identifier in `pg_type`.
///
/// Built-in types have fixed identifiers (PostgreSQL source, `pg_type.dat`); those of extensions and of your own types
/// differ from database to database.
public struct PQDataType: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The object identifier.
    public var rawValue: UInt32

    /// Any type, known or not.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Lets the server infer the type from the context.
    public static let inferred = PQDataType(rawValue: 0)
    /// `bool`.
    public static let bool = PQDataType(rawValue: 16)
    /// `bytea`.
    public static let bytea = PQDataType(rawValue: 17)
    /// `"char"`, the single-byte type of the catalogs.
    public static let char = PQDataType(rawValue: 18)
    /// `name`.
    public static let name = PQDataType(rawValue: 19)
    /// `bigint`.
    public static let int8 = PQDataType(rawValue: 20)
    /// `smallint`.
    public static let int2 = PQDataType(rawValue: 21)
    /// `integer`.
    public static let int4 = PQDataType(rawValue: 23)
    /// `text`.
    public static let text = PQDataType(rawValue: 25)
    /// `oid`.
    public static let oid = PQDataType(rawValue: 26)
    /// `json`.
    public static let json = PQDataType(rawValue: 114)
    /// `xml`.
    public static let xml = PQDataType(rawValue: 142)
    /// `real`.
    public static let float4 = PQDataType(rawValue: 700)
    /// `double precision`.
    public static let float8 = PQDataType(rawValue: 701)
    /// A literal whose type was never settled.
    public static let unknown = PQDataType(rawValue: 705)
    /// `character(n)`.
    public static let bpchar = PQDataType(rawValue: 1042)
    /// `character varying`.
    public static let varchar = PQDataType(rawValue: 1043)
    /// `date`.
    public static let date = PQDataType(rawValue: 1082)
    /// `time without time zone`.
    public static let time = PQDataType(rawValue: 1083)
    /// `timestamp without time zone`.
    public static let timestamp = PQDataType(rawValue: 1114)
    /// `timestamp with time zone`.
    public static let timestamptz = PQDataType(rawValue: 1184)
    /// `interval`.
    public static let interval = PQDataType(rawValue: 1186)
    /// `numeric`.
    public static let numeric = PQDataType(rawValue: 1700)
    /// `uuid`.
    public static let uuid = PQDataType(rawValue: 2950)
    /// `jsonb`.
    public static let jsonb = PQDataType(rawValue: 3802)
    /// `jsonpath`.
    public static let jsonpath = PQDataType(rawValue: 4072)
    /// `void`.
    public static let void = PQDataType(rawValue: 2278)

    /// Identifiers from here on belong to types made by users and extensions (`FirstNormalObjectId`), such as
    /// enumerations and citext.
    static let firstUserType: UInt32 = 16384

    /// The array type whose elements are of this type, where it is built in.
    public var arrayType: PQDataType? {
        Self.arrayTypes[self]
    }

    private static let arrayTypes: [PQDataType: PQDataType] = [
        .bool: .init(rawValue: 1000), .bytea: .init(rawValue: 1001), .name: .init(rawValue: 1003),
        .int2: .init(rawValue: 1005), .int4: .init(rawValue: 1007), .text: .init(rawValue: 1009),
        .int8: .init(rawValue: 1016), .float4: .init(rawValue: 1021), .float8: .init(rawValue: 1022),
        .timestamp: .init(rawValue: 1115), .date: .init(rawValue: 1182), .timestamptz: .init(rawValue: 1185),
        .numeric: .init(rawValue: 1231), .uuid: .init(rawValue: 2951), .json: .init(rawValue: 199),
        .jsonb: .init(rawValue: 3807), .varchar: .init(rawValue: 1015),
    ]

    private static let names: [PQDataType: String] = [
        .bool: "boolean", .bytea: "bytea", .char: "\"char\"", .name: "name", .int8: "bigint", .int2: "smallint",
        .int4: "integer", .text: "text", .oid: "oid", .json: "json", .xml: "xml", .float4: "real",
        .float8: "double precision", .unknown: "unknown", .bpchar: "character", .varchar: "character varying",
        .date: "date", .time: "time", .timestamp: "timestamp", .timestamptz: "timestamp with time zone",
        .interval: "interval", .numeric: "numeric", .uuid: "uuid", .jsonb: "jsonb", .jsonpath: "jsonpath",
        .void: "void",
    ]

    /// The SQL name of a known type, else `oid N`.
    public var description: String { Self.names[self] ?? "oid \(self.rawValue)" }
}
