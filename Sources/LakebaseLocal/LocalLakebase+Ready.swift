//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import LocalWorkspace
import Secrets

extension LocalLakebase {
    /// The identity whose environment is requested.
    public enum Identity: String, Sendable, Hashable, CaseIterable {
        /// The app's service principal: signs in with a client id and secret, and is an ordinary role.
        case app
        /// The developer: signs in with a personal access token, and owns the database.
        case developer
    }

    /// The addresses and facts of a running local Lakebase.
    public struct Ready: Sendable {
        /// An endpoint and its address.
        public struct Endpoint: Sendable, Hashable {
            /// The resource name, such as `projects/local/branches/production/endpoints/primary`.
            public var name: String
            /// The IP address.
            public var address: String
            /// The port; 5432 unless it was taken.
            public var port: Int
        }

        /// The workspace's URL, for `DATABRICKS_HOST`.
        public var host: String
        /// The workspace's id, a number as text.
        public var workspaceID: String
        /// The endpoints; the first is the default one.
        public var endpoints: [Endpoint]
        /// The name of the database that every project has.
        public var database: String
        /// The certificate to trust, for `PGSSLROOTCERT`.
        public var certificateFile: String
        /// The same for Node.js, for `NODE_EXTRA_CA_CERTS`: with the certificates of that variable in this process, if
        /// it was set.
        public var nodeCertificateFile: String
        /// The files that programs use to verify HTTPS, by variable: the local authority and the certificates that they
        /// trust otherwise.
        ///
        /// Empty where the workspace's URL begins with `http://`.
        public var certificateBundles: [String: String]
        /// The data directory.
        public var dataDirectory: String
        /// The PostgreSQL version that runs.
        public var postgresVersion: String
        /// The app's service principal.
        public var app: LocalIdentity
        /// The developer.
        public var developer: LocalIdentity

        /// The identity of that name.
        public func identity(_ identity: Identity) -> LocalIdentity {
            switch identity {
            case .app: self.app
            case .developer: self.developer
            }
        }

        /// The variables with which a program of this identity finds the workspace and its database.
        ///
        /// `PGSSLMODE` is `require`, as it is on the platform. With `PGSSLROOTCERT` libpq verifies the server all the
        /// same.
        ///
        /// - Parameters:
        ///   - identity: Whose credentials they carry.
        ///   - endpoint: The endpoint to connect to; `nil` for the default one.
        public func environment(for identity: Identity, endpoint: Endpoint? = nil) -> LocalEnvironment {
            let who = self.identity(identity)
            var variables = [(name: "DATABRICKS_HOST", value: self.host)]
            who.credential.withUnsafeValue { credential in
                switch identity {
                case .app:
                    variables.append(("DATABRICKS_CLIENT_ID", who.userName))
                    variables.append(("DATABRICKS_CLIENT_SECRET", credential))
                case .developer:
                    variables.append(("DATABRICKS_TOKEN", credential))
                }
            }
            if let endpoint = endpoint ?? self.endpoints.first {
                variables += [
                    ("PGHOST", endpoint.address), ("PGPORT", String(endpoint.port)), ("PGDATABASE", self.database),
                    ("PGUSER", who.userName), ("PGSSLMODE", "require"), ("PGSSLROOTCERT", self.certificateFile),
                    ("NODE_EXTRA_CA_CERTS", self.nodeCertificateFile), ("PGAPPNAME", who.displayName),
                    ("LAKEBASE_ENDPOINT", endpoint.name),
                ]
            }
            variables += self.certificateBundles.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            if !self.certificateBundles.isEmpty, !variables.contains(where: { $0.name == "NODE_EXTRA_CA_CERTS" }) {
                variables.append(("NODE_EXTRA_CA_CERTS", self.nodeCertificateFile))
            }
            return LocalEnvironment(variables)
        }
    }
}

/// Environment variables, some of which are secrets.
///
/// Iterating gives names and values. Printing or reflecting it shows the names only.
public struct LocalEnvironment: Sendable, Sequence {
    private let variables: Storage

    /// A class, so that reflection finds a reference and not the values.
    private final class Storage: Sendable, CustomReflectable {
        let variables: [(name: String, value: String)]
        init(_ variables: [(name: String, value: String)]) { self.variables = variables }
        var customMirror: Mirror { Mirror(self, children: [:]) }
    }

    init(_ variables: [(name: String, value: String)]) { self.variables = Storage(variables) }

    /// The names, in order.
    public var names: [String] { self.variables.variables.map(\.name) }

    /// The value of a variable.
    public subscript(name: String) -> String? { self.variables.variables.first { $0.name == name }?.value }

    /// Names and values, in order.
    public func makeIterator() -> IndexingIterator<[(name: String, value: String)]> {
        self.variables.variables.makeIterator()
    }
}

extension LocalEnvironment: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The names without the values.
    public var description: String { self.names.map { "\($0)=<redacted>" }.joined(separator: " ") }
    /// The names without the values.
    public var debugDescription: String { self.description }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
