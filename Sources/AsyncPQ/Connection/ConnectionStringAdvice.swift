//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Secrets

extension PQConnection.Configuration {
    /// Keywords at the beginning of a value, which mean that a value was forgotten before them.
    static let keywordsOfPairs = [
        "host", "hostaddr", "port", "dbname", "user", "password", "passfile", "sslmode", "sslrootcert", "options",
        "application_name", "connect_timeout", "channel_binding", "service", "target_session_attrs",
    ]

    /// Parameters of other drivers, with their replacement.
    private static let foreignParameters = [
        "pgbouncer": "leave it out; behind a pooler in transaction mode set isBehindPooler of the configuration",
        "schema": "leave it out and set search_path: options=-csearch_path%3Dname in a URL",
        "currentSchema": "leave it out and set search_path: options=-csearch_path%3Dname in a URL",
        "ssl": "use sslmode, for example sslmode=verify-full",
        "sslaccept": "use sslmode, for example sslmode=verify-full",
        "connection_limit": "leave it out; the pool's configuration has the maximum",
        "pool_timeout": "leave it out; the pool's configuration has the limit for acquiring a connection",
        "statement_cache_size": "leave it out and set the statement cache's capacity",
        "prepareThreshold": "leave it out and set the statement cache's capacity",
    ]

    /// The parameter that libpq does not know, if it is one of another driver; other words of the message are not
    /// repeated.
    static func foreignParameter(in message: String) -> String? {
        self.foreignParameters.keys.sorted().first { message.contains("\"\($0)\"") }
    }

    /// What to do about a parameter that is not supported.
    static func remedy(forParameter keyword: String) -> String {
        if let remedy = self.foreignParameters[keyword] { return remedy }
        return "leave it out, or set it with the configuration's properties"
    }
}

extension Secret {
    /// The text without the line breaks at its end.
    var withoutLineEnd: Secret {
        self.withUnsafeValue { text in
            var scalars = text.unicodeScalars[...]
            while scalars.last == "\n" || scalars.last == "\r" { scalars.removeLast() }
            return Secret(String(scalars))
        }
    }
}
