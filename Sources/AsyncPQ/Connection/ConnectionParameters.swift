//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Secrets

/// libpq's parameters by keyword: from a connection string, the service it names, and environment variables, the earlier
/// of these before the later.
struct ConnectionParameters {
    /// The values by keyword, without defaults.
    private(set) var values: [String: String]
    /// Settings of the session that come from variables of their own, such as `PGTZ`.
    private(set) var settings: [String: String] = [:]

    init(_ text: Secret, environment: [String: String]) throws(PQError) {
        self.values = try Self.parse(text)
        if let service = self.values["service"] ?? environment["PGSERVICE"] {
            let path = self.values["servicefile"] ?? environment["PGSERVICEFILE"]
            let found = try ServiceFile.parameters(of: service, path: path, environment: environment)
            self.values.merge(found) { own, _ in own }
        }
        if !environment.isEmpty { self.fill(environment) }
    }

    private mutating func fill(_ environment: [String: String]) {
        let variables =
            LibpqKeywords.known.map { ($0.name, $0.variable) } + LibpqKeywords.newer.map { ($0.name, $0.variable) }
        for case (let keyword, let variable?) in variables
        where keyword != "service" && keyword != "servicefile" && self.values[keyword] == nil {
            self.values[keyword] = environment[variable]
        }
        // Older than PGSSLMODE, and still honoured.
        if self.values["sslmode"] == nil, environment["PGREQUIRESSL"]?.utf8.first == UInt8(ascii: "1") {
            self.values["sslmode"] = "require"
        }
        for (variable, setting) in [("PGTZ", "TimeZone"), ("PGDATESTYLE", "DateStyle"), ("PGGEQO", "geqo")] {
            guard let value = environment[variable], value.lowercased() != "default" else { continue }
            self.settings[setting] = value
        }
    }

    private static func parse(_ text: Secret) throws(PQError) -> [String: String] {
        // A file or a secret ends with a line break, which libpq would take for a part of the database's name.
        let text = text.withoutLineEnd
        let newer = text.withUnsafeValue { NewerKeywords(in: $0, names: Set(LibpqKeywords.newer.map(\.name))) }
        var values = try Self.parseByLibpq(newer.rest)
        values.merge(newer.values) { known, _ in known }
        guard text.withUnsafeValue(NewerKeywords.isURL) else {
            try Self.checkForgottenValues(values)
            return values
        }
        return values
    }

    static func parseByLibpq(_ text: String) throws(PQError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(text, &message)
        defer {
            PQconninfoFree(options)
            PQfreemem(message)
        }
        guard let options else {
            // libpq's message can quote what stands where it stumbled, and that can be the password.
            if let message, let keyword = PQConnection.Configuration.foreignParameter(in: String(cString: message)) {
                throw PQError(
                    .invalidConfiguration,
                    "the connection string has the parameter \(keyword), which is not libpq's: "
                        + PQConnection.Configuration.remedy(forParameter: keyword))
            }
            throw PQError(
                .invalidConfiguration,
                "the connection string cannot be read; use postgresql://user:password@host:port/database, "
                    + "with special characters percent-encoded")
        }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }

    /// Refuses `user= password=x`: libpq skips the blank and takes the next pair for the value.
    private static func checkForgottenValues(_ values: [String: String]) throws(PQError) {
        for (keyword, value) in values.sorted(by: { $0.key < $1.key }) {
            let isPair = PQConnection.Configuration.keywordsOfPairs.contains { value.utf8.starts(with: "\($0)=".utf8) }
            guard !isPair else {
                throw PQError(
                    .invalidConfiguration,
                    "the connection string gives \(keyword) no value, and the next parameter is read as its value; "
                        + "give \(keyword) a value, or leave it out")
            }
        }
    }
}
