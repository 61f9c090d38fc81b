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
    /// `cidr`.
    public static let cidr = PQDataType(rawValue: 650)
    /// `macaddr8`.
    public static let macaddr8 = PQDataType(rawValue: 774)
    /// `macaddr`.
    public static let macaddr = PQDataType(rawValue: 829)
    /// `inet`.
    public static let inet = PQDataType(rawValue: 869)
    /// `time with time zone`.
    public static let timetz = PQDataType(rawValue: 1266)
    /// `bit`.
    public static let bit = PQDataType(rawValue: 1560)
    /// `bit varying`.
    public static let varbit = PQDataType(rawValue: 1562)
    /// `record`.
    public static let record = PQDataType(rawValue: 2249)
    /// `int4range`.
    public static let int4range = PQDataType(rawValue: 3904)
    /// `numrange`.
    public static let numrange = PQDataType(rawValue: 3906)
    /// `tsrange`.
    public static let tsrange = PQDataType(rawValue: 3908)
    /// `tstzrange`.
    public static let tstzrange = PQDataType(rawValue: 3910)
    /// `daterange`.
    public static let daterange = PQDataType(rawValue: 3912)
    /// `int8range`.
    public static let int8range = PQDataType(rawValue: 3926)
    /// `int4multirange`.
    public static let int4multirange = PQDataType(rawValue: 4451)
    /// `nummultirange`.
    public static let nummultirange = PQDataType(rawValue: 4532)
    /// `tsmultirange`.
    public static let tsmultirange = PQDataType(rawValue: 4533)
    /// `tstzmultirange`.
    public static let tstzmultirange = PQDataType(rawValue: 4534)
    /// `datemultirange`.
    public static let datemultirange = PQDataType(rawValue: 4535)
    /// `int8multirange`.
    public static let int8multirange = PQDataType(rawValue: 4536)
    /// `void`.
    public static let void = PQDataType(rawValue: 2278)

    /// Identifiers from here on belong to types made by users and extensions (`FirstNormalObjectId`), such as
    /// enumerations and citext.
    static let firstUserType: UInt32 = 16384

    /// The array type whose elements are of this type, where it is built in.
    public var arrayType: PQDataType? {
        Self.arrayTypes[self.rawValue].map { PQDataType(rawValue: $0) }
    }

    private static let names: [PQDataType: String] = [
        .bool: "boolean", .bytea: "bytea", .char: "\"char\"", .name: "name", .int8: "bigint", .int2: "smallint",
        .int4: "integer", .text: "text", .oid: "oid", .json: "json", .xml: "xml", .float4: "real",
        .float8: "double precision", .unknown: "unknown", .bpchar: "character", .varchar: "character varying",
        .date: "date", .time: "time", .timestamp: "timestamp", .timestamptz: "timestamp with time zone",
        .interval: "interval", .numeric: "numeric", .uuid: "uuid", .jsonb: "jsonb", .jsonpath: "jsonpath",
        .void: "void", .cidr: "cidr", .macaddr8: "macaddr8", .macaddr: "macaddr", .inet: "inet",
        .timetz: "time with time zone", .bit: "bit", .varbit: "bit varying", .record: "record", .int4range: "int4range",
        .numrange: "numrange", .tsrange: "tsrange", .tstzrange: "tstzrange", .daterange: "daterange",
        .int8range: "int8range", .int4multirange: "int4multirange", .nummultirange: "nummultirange",
        .tsmultirange: "tsmultirange", .tstzmultirange: "tstzmultirange", .datemultirange: "datemultirange",
        .int8multirange: "int8multirange",
    ]

    /// The SQL name of a known type, else `oid N`.
    public var description: String { Self.names[self] ?? "oid \(self.rawValue)" }
}
