//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Keeps libpq's environment variables from changing connections, which their configuration describes completely.
enum LibpqEnvironment {
    /// A connection string that sets each parameter that the environment could set to its default.
    ///
    /// To be expanded before the real parameters, which then count.
    static let defaults: String = {
        // Without libpq's list, at least no other server is reached.
        guard !LibpqKeywords.known.isEmpty else { return "hostaddr=''" }
        return LibpqKeywords.known.compactMap { keyword in
            Self.value(keyword).map { "\(keyword.name)='\($0)'" }
        }.joined(separator: " ")
    }()

    /// The host that libpq connects to when none is given: usually the folder of Unix sockets.
    static let defaultHost: String = {
        // libpq fills its own host in before it refuses the mode, and nothing is connected.
        let handle = Self.withoutVariables { PQconnectdb("host='' hostaddr='' port=5432 user=none sslmode=none") }
        defer { PQfinish(handle) }
        guard let host = PQhost(handle).map({ String(cString: $0) }), !host.isEmpty else { return "localhost" }
        return host
    }()

    private static func value(_ keyword: LibpqKeywords.Keyword) -> String? {
        switch keyword.name {
        // Given in any case, or kept away by ``withoutVariables(_:)``.
        case "host", "port", "user", "dbname", "service", "servicefile": nil
        // These take no empty value.
        case "connect_timeout": "0"
        case "sslcertmode": "allow"
        case "min_protocol_version", "max_protocol_version": "3.0"
        // An empty one is valid and refuses every server that asks for a password (libpq 16 to 18): all that there are.
        case "require_auth": "password,md5,gss,sspi,scram-sha-256,none"
        // These do, and it means that there is none.
        case "hostaddr", "password", "passfile", "options", "application_name", "sslcert", "sslkey",
            "sslrootcert", "sslcrl", "sslcrldir", "requirepeer", "ssl_max_protocol_version", "krbsrvname", "gsslib":
            keyword.compiled ?? ""
        case _: keyword.variable == nil ? nil : keyword.compiled
        }
    }

    /// Variables that libpq makes settings of the session from, past all parameters and even past those in `options`, and
    /// those that name a service, which has to exist then.
    private static let variables = ["PGTZ", "PGDATESTYLE", "PGGEQO", "PGSERVICE", "PGSERVICEFILE"]

    private typealias Entry = UnsafeMutablePointer<CChar>
    /// Entries, ended by nil, as in `environ`.
    private typealias List = UnsafeMutablePointer<Entry?>

    /// Calls libpq, which must not see ``variables``.
    ///
    /// libpq asks `getenv` for them when it begins and when it writes its first message, and nothing that it is given keeps it from that: what it
    /// makes of `PGTZ`, `PGDATESTYLE` and `PGGEQO` follows `options` in that message and wins; afterwards no `RESET` leads back to what the
    /// server, the database or the role had, for the message is the session's own beginning; a service that is named must exist. So `environ` is,
    /// for this moment and only if one of the variables is set, a list without them.
    ///
    /// What that means for other threads:
    /// - One that reads variables finds the entries of the one list or the other. `environ` changes in one atomic step, both lists stay allocated,
    ///   and their entries are the same strings.
    /// - A child that is started in this moment does not have the five variables. It has all others.
    /// - `setenv`, `putenv` and `unsetenv` change the list that is there: in place, or by making another. Neither is lost: at the end the list
    ///   that is there is looked at, and if it is not as it was, it stays and gets the five variables again.
    ///   A program that calls them while other threads run has a race with each `getenv`, of libpq too, whatever is done here: POSIX asks
    ///   programs not to.
    static func withoutVariables<Value>(_ body: () -> Value) -> Value {
        guard Self.variables.contains(where: { getenv($0) != nil }), let environment = Self.environment
        else { return body() }
        return Self.lists.withLock { lists in
            guard let hidden = lists.hide(in: environment) else { return body() }
            defer { lists.show(hidden, in: environment) }
            return body()
        }
    }

    private static let lists = Mutex(Lists())

    private static var environment: UnsafeMutablePointer<List?>? {
        #if canImport(Darwin)
        return UnsafeMutableRawPointer(_NSGetEnviron()).assumingMemoryBound(to: List?.self)
        #else
        return dlsym(nil, "environ").map { $0.assumingMemoryBound(to: List?.self) }
        #endif
    }

    /// The entries that were removed from the list of variables.
    private struct Hidden {
        var all: List
        var reduced: List
        var kept: [Entry]
        var removed: [Entry]
    }

    /// The lists that were made; each stays allocated, since another thread may be reading it.
    ///
    /// `@unchecked Sendable`: only used with the lock of ``LibpqEnvironment/lists`` held.
    private struct Lists: @unchecked Sendable {
        private var made: [[Entry]: List] = [:]

        /// Replaces the list by one without the variables.
        mutating func hide(in environment: UnsafeMutablePointer<List?>) -> Hidden? {
            // Another thread may replace the list at the same moment, but not in each of 100 attempts.
            for _ in 0..<100 {
                guard let all = environment.pointee else { return nil }
                let (kept, removed) = Self.parted(Self.entries(all))
                let reduced = self.made[kept] ?? Self.list(kept)
                self.made[kept] = reduced
                if clibpq_replace_environment(environment, all, reduced) {
                    return Hidden(all: all, reduced: reduced, kept: kept, removed: removed)
                }
            }
            return nil
        }

        /// Restores the list or, if another thread has changed a variable meanwhile, adds the variables to that
        /// thread's list.
        mutating func show(_ hidden: Hidden, in environment: UnsafeMutablePointer<List?>) {
            for _ in 0..<100 {
                // A list that was cleared has nothing on purpose.
                guard let current = environment.pointee else { return }
                let entries = Self.entries(current)
                guard current != hidden.reduced || entries != hidden.kept else {
                    if clibpq_replace_environment(environment, current, hidden.all) { return }
                    continue
                }
                // It was changed in place, so it is not the list of its key any more.
                self.made[hidden.kept] = nil
                let names = Set(Self.parted(entries).removed.compactMap(Self.variable))
                let missing = hidden.removed.filter { entry in Self.variable(entry).map { !names.contains($0) } ?? false
                }
                if clibpq_replace_environment(environment, current, Self.list(entries + missing)) { return }
            }
        }

        private static func entries(_ list: List) -> [Entry] {
            var entries: [Entry] = []
            while let entry = list[entries.count] { entries.append(entry) }
            return entries
        }

        private static func parted(_ entries: [Entry]) -> (kept: [Entry], removed: [Entry]) {
            var parts: (kept: [Entry], removed: [Entry]) = ([], [])
            for entry in entries {
                if Self.variable(entry) == nil { parts.kept.append(entry) } else { parts.removed.append(entry) }
            }
            return parts
        }

        /// Which of the variables an entry sets; nil for any other.
        private static func variable(_ entry: Entry) -> String? {
            LibpqEnvironment.variables.first { strncmp(entry, "\($0)=", $0.utf8.count + 1) == 0 }
        }

        private static func list(_ entries: [Entry]) -> List {
            let list = List.allocate(capacity: entries.count + 1)
            list.initialize(from: entries.map(Optional.some) + [nil], count: entries.count + 1)
            return list
        }
    }
}
