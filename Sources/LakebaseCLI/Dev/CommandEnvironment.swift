//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseLocal

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The environment of the command after `--`: that of this process without variables of other databases, plus the local Lakebase's.
enum CommandEnvironment {
    /// The variables from which libpq takes a server and a login.
    ///
    /// Source: PostgreSQL 18, "Environment Variables" of libpq. Variables that only change a session, such as
    /// `PGTZ` or `PGOPTIONS`, are passed on.
    private static let login: Set<String> = [
        "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGREQUIREAUTH",
        "PGCHANNELBINDING", "PGSERVICE", "PGSERVICEFILE", "PGAPPNAME", "PGSSLMODE", "PGREQUIRESSL", "PGSSLNEGOTIATION",
        "PGSSLCOMPRESSION", "PGSSLCERT", "PGSSLKEY", "PGSSLCERTMODE", "PGSSLROOTCERT", "PGSSLCRL", "PGSSLCRLDIR",
        "PGSSLSNI", "PGREQUIREPEER", "PGSSLMINPROTOCOLVERSION", "PGSSLMAXPROTOCOLVERSION", "PGGSSENCMODE",
        "PGKRBSRVNAME", "PGGSSLIB", "PGGSSDELEGATION", "PGTARGETSESSIONATTRS", "PGLOADBALANCEHOSTS",
        "PGMINPROTOCOLVERSION", "PGMAXPROTOCOLVERSION",
    ]

    /// Whether a variable of the shell is removed from the command's environment.
    static func removes(_ name: some StringProtocol) -> Bool {
        if name.hasPrefix("DATABRICKS_") {
            // How an app listens, and where profiles are. No profile is read once there are credentials in the environment.
            return !name.hasPrefix("DATABRICKS_APP_") && name != "DATABRICKS_CONFIG_FILE"
        }
        if name.hasPrefix("LAKEBASE_") { return name != "LAKEBASE_SCHEMA" }
        return name == "DATABASE_URL" || name == "ENDPOINT_NAME" || Self.login.contains(String(name))
    }

    /// `NAME=value` for each variable, as allocated C strings that the caller frees.
    ///
    /// Variables of the shell are passed on byte by byte.
    static func entries(adding environment: LocalEnvironment) -> [UnsafeMutablePointer<CChar>?] {
        self.entries(adding: Array(environment), removing: self.removes)
    }

    /// The same with other variables; only those from which libpq takes a login are removed.
    static func entries(addingLogin variables: [(name: String, value: String)]) -> [UnsafeMutablePointer<CChar>?] {
        self.entries(adding: variables) { self.login.contains(String($0)) }
    }

    private static func entries(
        adding variables: [(name: String, value: String)], removing removes: (Substring) -> Bool
    ) -> [UnsafeMutablePointer<CChar>?] {
        let ours = Set(variables.map(\.name))
        var entries: [UnsafeMutablePointer<CChar>?] = []
        var entry = environ
        while let text = entry.pointee {
            entry += 1
            let name = String(cString: text).prefix { $0 != "=" }
            if !removes(name), !ours.contains(String(name)) { entries.append(strdup(text)) }
        }
        return entries + variables.map { strdup("\($0.name)=\($0.value)") }
    }
}
