//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// One step of the check of a connection.
///
/// The raw values are the names in `--json`, and stay.
package enum DoctorStep: String, Sendable, Hashable, CaseIterable, Encodable {
    case configuration
    case dns
    case tcp
    case tls
    case clock
    case workspace
    case endpoint
    case host
    case credential
    case role
    case login
    case schema
    case privileges
    case connections

    /// What the step checks, in a few words.
    package var title: String {
        switch self {
        case .configuration: "what is configured, and where each value comes from"
        case .dns: "the host's name has an address"
        case .tcp: "the host accepts connections"
        case .tls: "TLS, the certificate and its name"
        case .clock: "this machine's clock against the workspace's"
        case .workspace: "the identity that the workspace reports"
        case .endpoint: "the state of the endpoint or instance"
        case .host: "the host belongs to the endpoint or instance"
        case .credential: "a database credential, and the identity that owns it"
        case .role: "the role, and how it logs in"
        case .login: "the login, which wakes a suspended compute"
        case .schema: "the schema, and what the role may do in it"
        case .privileges: "tables and the sequences of their columns"
        case .connections: "the pool against the server's connection limit"
        }
    }

    /// The time limit of the step; the whole examination has a limit of its own.
    var limit: Duration {
        switch self {
        case .login: .seconds(30)
        case .workspace, .endpoint, .credential: .seconds(12)
        default: .seconds(8)
        }
    }
}
