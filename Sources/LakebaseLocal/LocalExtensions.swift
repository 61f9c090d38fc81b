//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import LocalGround
import LocalPostgres

/// The extensions that the service offers, and which of them can be created here.
public struct LocalExtensions: Codable, Sendable, Equatable {
    /// The server to which the extensions belong.
    public struct Server: Codable, Sendable, Equatable {
        /// The full version, such as `15.18`.
        public var version: String
        /// The folder of the program `postgres`.
        public var folder: String
    }

    /// Whether an extension can be created here.
    public enum State: String, Codable, Sendable, Equatable {
        /// It can be created by roles that may create objects in the database, as on the service.
        case available
        /// Its files are installed, but no role may create it here.
        case restricted
        /// Its files are not installed.
        case missing
    }

    /// An extension.
    public struct Extension: Codable, Sendable, Equatable {
        /// The name for `CREATE EXTENSION`.
        public var name: String
        /// Whether it can be created.
        public var state: State
        /// The version that is created, if the files are installed.
        public var version: String?
        /// The package with the files, if they are not installed and a package has them.
        public var package: String?
        /// A remark.
        public var note: String?
    }

    /// The server.
    public var server: Server
    /// The extensions that the service lists, by name.
    public var extensions: [Extension]
}

extension LocalLakebase {
    /// Checks the extensions that the service offers against the server that a local Lakebase would run.
    ///
    /// Starts nothing.
    ///
    /// - Parameter postgresDirectories: Folders with `postgres` and `initdb`; empty for those installed. The newest one
    ///   is taken.
    /// - Throws: `postgresNotFound`.
    public static func extensions(
        postgresDirectories: [String] = []
    ) async throws(LocalLakebaseError) -> LocalExtensions {
        let installation = try await InstalledServers.find(configured: postgresDirectories).newest
        return LocalExtensions(installation, installed: installation.extensions())
    }
}

extension LocalExtensions {
    init(_ installation: PostgresInstallation, installed: [String: ExtensionControl]) {
        self.server = Server(version: installation.version, folder: installation.binFolder)
        self.extensions = ServiceExtension.all.map { offered in
            if offered.source == .ours {
                return Extension(name: offered.name, state: .available, version: DatabricksAuthExtension.version)
            }
            guard let control = installed[offered.name] else {
                let package = offered.package(major: installation.major)
                return Extension(
                    name: offered.name, state: .missing, package: package,
                    note: package == nil ? "no package that we know has it" : nil)
            }
            switch offered.rule {
            case .trusted: return Extension(name: offered.name, state: .available, version: control.defaultVersion)
            case .asInstalled(let reason):
                return Extension(
                    name: offered.name, state: control.isTrusted ? .available : .restricted,
                    version: control.defaultVersion, note: control.isTrusted ? nil : reason)
            }
        }
    }
}
