//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// One step of the check of a connection.
///
/// The raw values are what `--json` calls them, and stay.
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

    /// What is looked at, in a few words.
    package var title: String {
        switch self {
        case .configuration: "what is configured, and where each value comes from"
        case .dns: "the host's name has an address"
        case .tcp: "the host takes connections"
        case .tls: "TLS, the certificate and its name"
        case .clock: "this machine's clock against the workspace's"
        case .workspace: "who the workspace says this is"
        case .endpoint: "the state of the endpoint or instance"
        case .host: "the host is one of the endpoint or instance"
        case .credential: "a database credential, and whose it is"
        case .role: "the role, and how it logs in"
        case .login: "the login, waking the compute if it sleeps"
        case .schema: "the schema, and what the role may do in it"
        case .privileges: "tables and the sequences behind their columns"
        case .connections: "the pool against the server's ceiling"
        }
    }

    /// How long it may take; the whole has a limit of its own.
    var limit: Duration {
        switch self {
        case .login: .seconds(30)
        case .workspace, .endpoint, .credential: .seconds(12)
        default: .seconds(8)
        }
    }
}
