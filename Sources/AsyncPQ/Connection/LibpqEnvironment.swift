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

/// Keeps libpq's environment variables away from connections, whose configuration says everything.
enum LibpqEnvironment {
    /// A connection string that gives each parameter which the environment could set its default.
    ///
    /// To be expanded before the real parameters, which then count.
    static let defaults: String = {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse("", &message) else {
            PQfreemem(message)
            return "hostaddr=''"
        }
        defer { PQconninfoFree(options) }
        var pairs: [String] = []
        var option = options
        while let keyword = option.pointee.keyword.map({ String(cString: $0) }) {
            if let value = Self.value(keyword, option.pointee) {
                pairs.append("\(keyword)='\(value)'")
            }
            option += 1
        }
        return pairs.joined(separator: " ")
    }()

    private static func value(_ keyword: String, _ option: PQconninfoOption) -> String? {
        switch keyword {
        // Given in any case, or kept away by ``withoutVariables(_:)``.
        case "host", "port", "user", "dbname", "service", "servicefile": nil
        // These take no empty value.
        case "connect_timeout": "0"
        case "sslcertmode": "allow"
        // These do, and it means that there is none.
        case "hostaddr", "password", "passfile", "require_auth", "options", "application_name", "sslcert", "sslkey",
            "sslrootcert", "sslcrl", "sslcrldir", "requirepeer", "ssl_max_protocol_version", "krbsrvname", "gsslib":
            option.compiled.map { String(cString: $0) } ?? ""
        case _: option.envvar == nil ? nil : option.compiled.map { String(cString: $0) }
        }
    }

    /// Variables that libpq makes settings of the session from, past all parameters and even past those in `options`, and
    /// those that name a service, which has to exist then.
    private static let variables = ["PGTZ", "PGDATESTYLE", "PGGEQO", "PGSERVICE", "PGSERVICEFILE"]

    /// Calls libpq, which must not see ``variables``.
    ///
    /// libpq reads them when it begins, and when it writes its first message, and there is no other way to keep it from that. So the process has,
    /// for this moment and only if one of them is set, a list of variables without them. A thread that reads it at the
    /// same time reads either list; both stay valid for good.
    static func withoutVariables<Value>(_ body: () -> Value) -> Value {
        guard Self.variables.contains(where: { getenv($0) != nil }), let environment = Self.environment
        else { return body() }
        return Self.lists.withLock { lists in
            guard let all = environment.pointee else { return body() }
            let reduced = lists.reduced(from: all)
            environment.pointee = reduced
            defer {
                // Should another thread have set a variable meanwhile, there is a new list, which is not to be lost.
                if environment.pointee == reduced { environment.pointee = all }
            }
            return body()
        }
    }

    private typealias List = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    private static let lists = Mutex(Lists())

    private static var environment: UnsafeMutablePointer<List?>? {
        #if canImport(Darwin)
        return UnsafeMutableRawPointer(_NSGetEnviron()).assumingMemoryBound(to: List?.self)
        #else
        return dlsym(nil, "environ").map { $0.assumingMemoryBound(to: List?.self) }
        #endif
    }

    /// The lists that were made; each is kept, since another thread may be reading it.
    ///
    /// `@unchecked Sendable`: only used with the lock of ``lists`` held.
    private struct Lists: @unchecked Sendable {
        private var made: [[UnsafeMutablePointer<CChar>?]: List] = [:]

        mutating func reduced(from all: List) -> List {
            var kept: [UnsafeMutablePointer<CChar>?] = []
            var entry = all
            while let variable = entry.pointee {
                if !LibpqEnvironment.variables.contains(where: { strncmp(variable, "\($0)=", $0.utf8.count + 1) == 0 })
                {
                    kept.append(variable)
                }
                entry += 1
            }
            kept.append(nil)
            if let list = self.made[kept] { return list }
            let list = List.allocate(capacity: kept.count)
            list.initialize(from: kept, count: kept.count)
            self.made[kept] = list
            return list
        }
    }
}
