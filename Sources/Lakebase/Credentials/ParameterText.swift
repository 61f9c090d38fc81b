//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Quoting for the forms in which connection parameters are written (libpq: Connection Strings, Environment Variables, The
/// Connection Service File).
enum ParameterText {
    // MARK: Connection strings

    /// The value, in single quotes where it needs them, with quotes and backslashes escaped.
    static func quoted(_ value: String) -> String {
        if !value.isEmpty, value.utf8.allSatisfy(Self.isPlain) { return value }
        var text = "'"
        for character in value.unicodeScalars {
            if character == "'" || character == "\\" { text += "\\" }
            text.unicodeScalars.append(character)
        }
        return text + "'"
    }

    /// Percent-encodes everything but letters, digits and `-._~`.
    static func percentEncoded(_ value: String) -> String {
        var text = ""
        for byte in value.utf8 {
            if Self.isLetterOrDigit(byte) || "-._~".utf8.contains(byte) {
                text.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                let hexadecimal = String(byte, radix: 16, uppercase: true)
                text += (byte < 16 ? "%0" : "%") + hexadecimal
            }
        }
        return text
    }

    // MARK: Variables

    static let variables = [
        "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER",
        "password": "PGPASSWORD",
        "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "application_name": "PGAPPNAME",
        "options": "PGOPTIONS", "connect_timeout": "PGCONNECT_TIMEOUT",
        "target_session_attrs": "PGTARGETSESSIONATTRS", "load_balance_hosts": "PGLOADBALANCEHOSTS",
    ]

    /// `NAME=value`, in single quotes where a shell needs them; double quotes for a value with a single quote in it.
    static func variableLine(_ keyword: String, _ value: String) throws(LakebaseCredentials.DriverParametersError)
        -> String
    {
        guard let name = Self.variables[keyword] else {
            throw LakebaseCredentials.DriverParametersError(parameter: keyword, reason: "has no variable")
        }
        if value.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" }) {
            throw LakebaseCredentials.DriverParametersError(parameter: keyword, reason: "contains a line break")
        }
        return "\(name)=\(Self.shellQuoted(value))\n"
    }

    private static func shellQuoted(_ value: String) -> String {
        if value.utf8.allSatisfy(Self.isPlain) { return value }
        if !value.contains("'") { return "'\(value)'" }
        var text = "\""
        for character in value.unicodeScalars {
            if "\\\"$`".unicodeScalars.contains(character) { text += "\\" }
            text.unicodeScalars.append(character)
        }
        return text + "\""
    }

    // MARK: Service files

    /// libpq reads lines into a buffer of 1,024 bytes and refuses a line that fills it, line end included.
    static let longestServiceLine = 1021

    static func serviceHeader(_ service: String) throws(LakebaseCredentials.DriverParametersError) -> String {
        let line = "[\(service)]"
        let isFit = !service.isEmpty && !service.unicodeScalars.contains { $0.value < 0x20 || $0 == "]" }
        guard isFit, line.utf8.count <= Self.longestServiceLine else {
            throw LakebaseCredentials.DriverParametersError(parameter: "service", reason: "is not a name for a section")
        }
        return line + "\n"
    }

    /// `keyword=value` up to the end of the line; the format has no quotes, so a value that it cannot hold is refused.
    static func serviceLine(_ keyword: String, _ value: String) throws(LakebaseCredentials.DriverParametersError)
        -> String
    {
        let line = "\(keyword)=\(value)"
        if value.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" }) {
            throw LakebaseCredentials.DriverParametersError(parameter: keyword, reason: "contains a line break")
        }
        if let last = value.unicodeScalars.last, last == " " || (0x09...0x0D).contains(last.value) {
            throw LakebaseCredentials.DriverParametersError(
                parameter: keyword, reason: "ends with a blank, which a service file cannot hold")
        }
        guard line.utf8.count <= Self.longestServiceLine else {
            throw LakebaseCredentials.DriverParametersError(
                parameter: keyword,
                reason:
                    "makes a line of \(line.utf8.count) bytes, and a service file has at most \(Self.longestServiceLine)"
            )
        }
        return line + "\n"
    }

    // MARK: Bytes

    private static func isPlain(_ byte: UInt8) -> Bool {
        Self.isLetterOrDigit(byte) || "_-./:@%+,".utf8.contains(byte)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
