//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

/// The encoding of a session's text, `client_encoding`.
///
/// A connection begins with UTF-8, and a statement can change it (`SET client_encoding`). Text would then be stored or
/// read as something else, without any error. In all of PostgreSQL's encodings ASCII stays ASCII.
enum SessionEncoding {
    /// libpq's number of UTF-8 (`PG_UTF8`), which never changes.
    static let utf8: Int32 = 6

    /// Cause and remedy, after "its value is" or alone.
    static func reason(_ encoding: Int32) -> String {
        let name = pg_encoding_to_char(encoding).map { String(cString: $0) } ?? ""
        return "text that is not UTF-8, since the session's client_encoding is \(name.isEmpty ? "unknown" : name); "
            + "run RESET client_encoding, and use convert_from() or convert_to() for other encodings"
    }

    /// Refuses a query that the server would read as something else in this encoding.
    static func check(_ query: PQQuery, on handle: OpaquePointer) throws(PQError) {
        let encoding = PQclientEncoding(handle)
        guard encoding != Self.utf8 else { return }
        let isPlain =
            query.sql.utf8.allSatisfy { $0 < 0x80 }
            && query.bindings.parameters.allSatisfy { parameter in
                parameter.format == .binary && parameter.type.holdsNoText || parameter.length <= 0
                    || query.bindings.bytes[parameter.offset..<parameter.offset + parameter.length]
                        .allSatisfy { $0 < 0x80 }
            }
        guard isPlain else {
            throw PQError(.unsupported, "the query has \(Self.reason(encoding))", query: query.sql)
        }
    }

    /// Refuses a script that the server would read as something else in this encoding.
    static func check(script: String, on handle: OpaquePointer) throws(PQError) {
        let encoding = PQclientEncoding(handle)
        guard encoding == Self.utf8 || script.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw PQError(.unsupported, "the script has \(Self.reason(encoding))")
        }
    }
}

extension PQDataType {
    /// Whether the binary form of the type holds no text, so that the session's encoding does not matter.
    var holdsNoText: Bool {
        switch self {
        case .bool, .bytea, .int8, .int2, .int4, .oid, .float4, .float8, .date, .time, .timestamp, .timestamptz,
            .timetz, .interval, .numeric, .uuid, .void, .inet, .cidr, .macaddr, .macaddr8, .bit, .varbit, .int4range,
            .int8range,
            .numrange, .tsrange, .tstzrange, .daterange, .int4multirange, .int8multirange, .nummultirange,
            .tsmultirange,
            .tstzmultirange, .datemultirange:
            true
        default:
            false
        }
    }
}
