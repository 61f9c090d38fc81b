//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Databricks
import Foundation
import LocalGround

/// The configuration of a local Lakebase.
public struct LocalLakebaseConfiguration: Sendable {
    /// The folder that keeps everything between runs.
    ///
    /// `nil` takes a temporary folder, which is removed at the end.
    public var dataDirectory: String?
    /// The address on which the workspace's HTTP service listens.
    public var listenHost: String
    /// The port of the workspace's HTTP service.
    ///
    /// 0 takes the port of the previous run on the same data directory if it is free, else any free one.
    public var listenPort: Int
    /// The lifetime of a database credential, unless the request asks for one.
    ///
    /// May be shorter than the 300 s which the service has as its least; whole seconds, at least one.
    public var tokenLifetime: Duration
    /// How long an endpoint without any activity stays awake.
    public var suspendAfter: Duration
    /// An extra delay before a sleeping endpoint starts, to imitate the service.
    public var wakeDelay: Duration
    /// The minimum duration of an API operation that creates, changes or deletes, to imitate the service.
    public var operationDelay: Duration
    /// Whether a credential is valid only for the endpoint for which it was minted.
    ///
    /// The service's tokens are good for the workspace (Databricks: Authentication in Lakebase), so this is off by
    /// default.
    public var strictEndpoints: Bool
    /// Whether a browser login is approved at once as the developer, without a page that asks.
    ///
    /// For programs without a browser. Every client that reaches the workspace is then the developer, so that it has to
    /// listen on an address of this machine only.
    public var approvesLogins: Bool
    /// The issuers whose tokens the workspace exchanges for its own.
    ///
    /// Each needs `jwks_json`: no keys are fetched.
    public var federationPolicies: [OAuth.FederationPolicy]
    /// The folders with the `postgres` and `initdb` to use, one for each major version; if empty, installed ones are
    /// looked for.
    ///
    /// A project runs on the version that it asks for with `pg_version`, and on the newest one if it asks for none, or
    /// for one that is not there.
    public var postgresDirectories: [String]
    /// How long an app may take until it listens, and its packages until they are installed.
    ///
    /// Ten minutes by default.
    public var appStartLimit: Duration {
        get { self.apps.startLimit }
        set { self.apps.startLimit = newValue }
    }
    /// Whether the announced addresses of the workspace and its apps begin with `https://`.
    ///
    /// The same ports still answer HTTP. The certificate is by the authority of the endpoints' certificates.
    public var https: Bool
    /// How processes of apps are started, stopped and started again.
    package var apps = AppPolicy()
    /// Certificates that Node.js programs also trust: those of `NODE_EXTRA_CA_CERTS` in this process.
    package var nodeCertificateFile = ProcessInfo.processInfo.environment["NODE_EXTRA_CA_CERTS"]
    /// Certificates that programs also trust for HTTPS: those of ``TrustBundles/variables`` in this process.
    package var trustVariables = ProcessInfo.processInfo.environment.filter { TrustBundles.variables.contains($0.key) }
    /// The limits of connections to the HTTP service.
    var http = HTTPLimits()
    /// Tells the owner that the login page was opened, with the code that it asks for.
    package var announceLogin: @Sendable (LoginNotice) -> Void = { _ in }

    /// Creates a configuration; every setting has a default.
    public init(
        dataDirectory: String? = nil,
        listenHost: String = "127.0.0.1",
        listenPort: Int = 0,
        tokenLifetime: Duration = .seconds(3600),
        suspendAfter: Duration = .seconds(300),
        wakeDelay: Duration = .zero,
        operationDelay: Duration = .milliseconds(50),
        strictEndpoints: Bool = false,
        approvesLogins: Bool = false,
        federationPolicies: [OAuth.FederationPolicy] = [],
        postgresDirectories: [String] = [],
        https: Bool = false
    ) {
        self.dataDirectory = dataDirectory
        self.listenHost = listenHost
        self.listenPort = listenPort
        self.tokenLifetime = tokenLifetime
        self.suspendAfter = suspendAfter
        self.wakeDelay = wakeDelay
        self.operationDelay = operationDelay
        self.strictEndpoints = strictEndpoints
        self.approvesLogins = approvesLogins
        self.federationPolicies = federationPolicies
        self.postgresDirectories = postgresDirectories
        self.https = https
    }

    /// Checks every setting, before anything is created.
    func validate() throws(LocalLakebaseError) {
        func refuse(_ what: String, _ remedy: String) -> LocalLakebaseError {
            LocalLakebaseError(.invalidConfiguration, what, remedy: remedy)
        }
        if !(0...65535).contains(self.listenPort) {
            throw refuse("Port \(self.listenPort) does not exist.", "Choose 1 to 65535, or 0 for a free one.")
        }
        if self.listenHost.isEmpty { throw refuse("The listen address is empty.", "Use 127.0.0.1.") }
        if self.approvesLogins, !LoopbackHost.isLoopback(listening: self.listenHost) {
            throw refuse(
                "Logins cannot be approved beforehand on \(self.listenHost): the whole network could be the developer.",
                "Listen on 127.0.0.1, or leave out --approve-logins and type the code that lakebase dev shows.")
        }
        if self.tokenLifetime < .seconds(1) || self.tokenLifetime > .seconds(86_400) {
            throw refuse("A token lifetime of \(self.tokenLifetime) cannot work.", "Choose 1 s to 24 h.")
        }
        if self.suspendAfter < .milliseconds(10) {
            throw refuse("A suspend delay of \(self.suspendAfter) cannot work.", "Choose 10 ms or more.")
        }
        if self.wakeDelay < .zero { throw refuse("A wake delay cannot be negative.", "Choose 0 or more.") }
        if self.operationDelay < .zero { throw refuse("An operation delay cannot be negative.", "Choose 0 or more.") }
    }
}
