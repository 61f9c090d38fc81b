//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import Foundation
import LocalGround
import LocalPostgres
import LocalWorkspace
import Logging
import NIOCore
import NIOSSL
import PostgresGateway
import Secrets

extension LocalLakebase {
    /// The parts that have been created and not yet started.
    struct Parts: Sendable {
        var state: LocalState
        var identities: IdentityDirectory
        var store: ResourceStore
        var fleet: ComputeFleet
        var resources: ResourceService
        var gateway: PostgresGateway
        var server: ControlPlaneServer
        /// The files that programs use to verify HTTPS, by variable.
        var bundles: [String: String]
        var services: WorkspaceServices
        var apps: AppFleet
        /// The workspace's URL, for parts that need it before it is known.
        var host: AsyncPromise<String>
        var runtimeDirectory: String
        var postgresVersion: String
    }

    /// Creates what is missing in the folder, and assembles the parts.
    ///
    /// Starts no PostgreSQL, except to make a new cluster.
    func prepare(directory: DataDirectory, state saved: LocalState) async throws -> Parts {
        let user = try ServerUser.resolve()
        try user.checkReaches(directory.path)
        let store = try ResourceStore(path: directory.resourcesFile, durable: !directory.isTemporary)
        try store.adoptDocuments(in: directory.workspaceFolder)
        let administrator = try directory.secret("administrator-password") {
            RandomText.make(prefix: "", hexDigits: 64)
        }
        async let installing = self.prepareClusters(
            directory: directory, store: store, state: saved, user: user, administrator: administrator
        )
        async let signing = TokenService.load(
            from: directory, workspaceID: saved.workspaceID, databaseLifetime: self.configuration.tokenLifetime
        )
        let federation = try await Federation(policies: self.configuration.federationPolicies)
        let identities = try IdentityDirectory(state: saved, directory: directory, documents: store)
        let authority = try CertificateAuthority.load(from: directory)
        let tokens = try await signing
        let installed = try await installing
        var state = saved
        let runtime = try Self.makeRuntimeDirectory(previous: saved.runtimeDirectory, user: user)
        state.runtimeDirectory = runtime
        state.version = LocalState.currentVersion
        state.endpoints = nil
        // Written before anything uses it, so that a start after a kill can remove it.
        try directory.save(state)
        try AccessFile.write(in: runtime, user: user, administratorPassword: administrator)
        let endpoints = EndpointDirectory()
        let gateway = try self.makeGateway(
            authority: authority,
            addresses: LoopbackAddress.all(workspaceID: state.workspaceID)
                + installed.inventory.endpoints.values.map(\.address),
            endpoints: endpoints, identities: identities, tokens: tokens
        )
        let fleet = ComputeFleet()
        let resources = ResourceService(
            parts: ResourceService.Parts(
                store: store, fleet: fleet,
                listeners: EndpointListeners(
                    gateway: gateway, directory: endpoints, workspaceID: state.workspaceID
                ),
                workshop: DataDirectoryManager(
                    directory: directory, servers: installed.servers, user: user, trees: installed.trees,
                    runtimeDirectory: runtime, administratorPassword: administrator
                ),
                suspendAfter: self.configuration.suspendAfter, wakeDelay: self.configuration.wakeDelay,
                operationDelay: self.configuration.operationDelay, counters: self.counters, logger: self.logger
            ),
            inventory: installed.inventory, system: identities.developer
        )
        let apps = AppFleet()
        let host = AsyncPromise<String>()
        let https = try self.makeHTTPS(authority: authority, directory: directory)
        let services = try self.makeServices(
            directory: directory, state: state, store: store, identities: identities, tokens: tokens,
            resources: resources, apps: apps, host: host, https: https)
        return Parts(
            state: state, identities: identities, store: store, fleet: fleet, resources: resources,
            gateway: gateway,
            server: self.makeServer(
                state: state, directory: directory, identities: identities, tokens: tokens, resources: resources,
                services: services,
                logins: try self.makeLogins(directory: directory, store: store, developer: identities.developer),
                federation: federation, tls: https?.tls),
            bundles: https?.bundles ?? [:], services: services, apps: apps, host: host, runtimeDirectory: runtime,
            postgresVersion: installed.version
        )
    }

    private func makeLogins(
        directory: DataDirectory, store: ResourceStore, developer: LocalIdentity
    ) throws -> OAuthLoginStore {
        if self.configuration.approvesLogins {
            self.logger.warning(
                "Logins by browser are approved without a question: each user and program of this machine can be the developer"
            )
            return try OAuthLoginStore(documents: store, approves: true)
        }
        let desk = try LoginDesk(
            file: directory.secretsFolder + "/login-code", token: developer.credential,
            tell: self.configuration.announceLogin)
        return try OAuthLoginStore(
            documents: store, approves: false, desk: desk,
            showsFile: LoopbackHost.isLoopback(listening: self.configuration.listenHost))
    }

    private func makeServices(
        directory: DataDirectory, state: LocalState, store: ResourceStore, identities: IdentityDirectory,
        tokens: TokenService, resources: ResourceService, apps: AppFleet, host: AsyncPromise<String>, https: HTTPS?
    ) throws -> WorkspaceServices {
        let databases = WorkspaceDatabases(resources: resources, system: identities.developer)
        let visitor = identities.developer
        let scopes = try SecretScopes(file: directory.secretsFolder + "/scopes.json")
        let policy = self.configuration.apps
        let nodeCertificateFile = try NodeCertificates.file(
            in: directory, given: self.configuration.nodeCertificateFile)
        return try WorkspaceServices(
            folder: directory.workspaceFolder, documents: store, identities: identities, databases: databases,
            scopes: scopes
        ) { files in
            AppRuntime(
                fleet: apps, folder: directory.appsFolder, listenHost: Self.urlHost(self.configuration.listenHost),
                tls: https?.tls,
                launcher: AppLauncher(
                    files: files, databases: databases, principals: identities.principals,
                    workspaceID: state.workspaceID, certificateFile: directory.certificateFile,
                    nodeCertificateFile: nodeCertificateFile,
                    bundles: https?.bundles ?? [:],
                    ports: AppPorts(redirects: policy.redirectsPorts && SocketWatch.isAvailable),
                    installer: AppInstaller(
                        cacheFolder: policy.cacheFolder ?? UserCache.folder()
                            ?? directory.appsFolder + "/.cache"),
                    secrets: scopes, host: host),
                policy: policy, visitor: visitor,
                token: { scopes in
                    guard let host = try? await host.value(),
                        let minted = try? await tokens.mintWorkspaceToken(
                            for: visitor.userName, issuer: host + "/oidc", scopes: scopes)
                    else { return nil }
                    return Secret(minted.token)
                }, logger: self.logger)
        }
    }

    private struct Installed: Sendable {
        var servers: InstalledServers
        var trees: PostgresDistributions
        /// The PostgreSQL version of the first project.
        var version: String
        var inventory: WorkspaceState
    }

    /// Opens the store, and creates the first project if there is none.
    @concurrent
    private func prepareClusters(
        directory: DataDirectory, store: ResourceStore, state: LocalState, user: ServerUser, administrator: Secret
    ) async throws -> Installed {
        self.begin(.findingPostgres)
        let servers = try await InstalledServers.find(configured: self.configuration.postgresDirectories, user: user)
        let trees = PostgresDistributions(folder: directory.postgresFolder)
        var inventory = try store.load()
        let version = try servers.require(
            inventory.projects[LocalProject.projectID]?.postgresMajor ?? servers.newest.major,
            for: LocalProject.projectName)
        // Beside making the cluster, since it copies files.
        async let tree = trees.tree(for: version)
        if inventory.projects.isEmpty, inventory.operations.isEmpty {
            let cluster = BranchDataDirectory(
                folder: directory.branchFolder(LocalProject.folder), installation: version, user: user,
                administratorPassword: administrator
            )
            if !cluster.exists { self.begin(.makingCluster) }
            try await cluster.bootstrapIfNeeded(
                roles: BootstrapRoles(state), durable: !directory.isTemporary,
                templates: UserCache.clusters(), endsWithTask: true)
            // After the cluster, so that no row refers to a data directory that does not exist.
            let empty = inventory
            LocalProject.adopt(into: &inventory, state: state, postgresMajor: version.major)
            try store.save(from: empty, to: inventory)
        }
        for branch in inventory.branches.values.sorted(by: { $0.name < $1.name }) where branch.state == .ready {
            guard let project = inventory.projects[branch.project] else { continue }
            try BranchDataDirectory(
                folder: directory.branchFolder(branch.folder),
                installation: try servers.require(project.postgresMajor, for: branch.name), user: user,
                administratorPassword: administrator
            ).checkVersion()
        }
        _ = try await tree
        return Installed(servers: servers, trees: trees, version: version.version, inventory: inventory)
    }

    private func makeGateway(
        authority: CertificateAuthority, addresses: [String], endpoints: EndpointDirectory,
        identities: IdentityDirectory, tokens: TokenService
    ) throws -> PostgresGateway {
        let policy = LoginPolicy(
            endpoints: endpoints, identities: identities, tokens: tokens,
            strictEndpoints: self.configuration.strictEndpoints, counters: self.counters, logger: self.logger
        )
        // One certificate for all endpoints, also those that are made later.
        var gateway = GatewayConfiguration(
            addresses: [],
            tls: try Self.tls(
                authority: authority, names: ["localhost", "*.database.local.lakebase.localhost"],
                addresses: Array(Set(addresses + ["127.0.0.1"]).filter { !$0.isEmpty }).sorted()
            )
        )
        // A compute may take its time to wake, plus whatever delay was asked for.
        gateway.policyTimeout = .seconds(60) + self.configuration.wakeDelay
        return PostgresGateway(configuration: gateway, policy: policy, logger: self.logger)
    }

    private func makeServer(
        state: LocalState, directory: DataDirectory, identities: IdentityDirectory, tokens: TokenService,
        resources: ResourceService, services: WorkspaceServices, logins: OAuthLoginStore, federation: Federation,
        tls: NIOSSLContext?
    ) -> ControlPlaneServer {
        let controlPlane = ControlPlane(
            resources: resources, accountID: state.accountID, identities: identities, tokens: tokens,
            faults: self.faults, counters: self.counters, services: services, logins: logins,
            federation: federation
        )
        var port = self.configuration.listenPort
        if port == 0, let last = state.controlPlanePort {
            let wanted = LocalState.EndpointAddress(address: self.configuration.listenHost, port: last)
            if LoopbackAddress.probe(wanted) == .free(port: last) { port = last }
        }
        return ControlPlaneServer(
            controlPlane: controlPlane, host: self.configuration.listenHost, port: port,
            spoolFolder: WorkspaceFiles.incoming(below: directory.workspaceFolder), limits: self.configuration.http,
            tls: tls, logger: self.logger
        )
    }

    /// The TLS of the workspace and its apps, and the certificates that their clients trust.
    private struct HTTPS {
        var tls: NIOSSLContext
        var bundles: [String: String]
    }

    /// Creates the certificates, if HTTPS is configured.
    private func makeHTTPS(authority: CertificateAuthority, directory: DataDirectory) throws -> HTTPS? {
        guard self.configuration.https else { return nil }
        let listenHost = self.configuration.listenHost
        var names = ["localhost"]
        if CertificateAuthority.address(listenHost) == nil, !names.contains(listenHost) { names.append(listenHost) }
        var configuration = try Self.tls(
            authority: authority, names: names,
            addresses: ["127.0.0.1", "::1", Self.urlHost(listenHost), listenHost].filter {
                CertificateAuthority.address($0) != nil
            })
        configuration.applicationProtocols = ["http/1.1"]
        // Clients that keep connections for later read no farewell, and must not hold up the end.
        configuration.shutdownTimeout = .milliseconds(250)
        do {
            return HTTPS(
                tls: try NIOSSLContext(configuration: configuration),
                bundles: try TrustBundles.files(in: directory, given: self.configuration.trustVariables))
        } catch let error as LocalLakebaseError {
            throw error
        } catch {
            throw LocalLakebaseError(.certificate, "HTTPS could not be set up: \(error).", underlying: error)
        }
    }

    private static func tls(
        authority: CertificateAuthority, names: [String], addresses: [String]
    ) throws -> TLSConfiguration {
        do {
            let server = try authority.issue(names: names, addresses: addresses)
            let certificates = try NIOSSLCertificate.fromPEMBytes(Array(server.certificatePEM.utf8))
            let key = try server.key.withUnsafeValue { try NIOSSLPrivateKey(bytes: Array($0.utf8), format: .pem) }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key)
            )
            configuration.minimumTLSVersion = .tlsv12
            return configuration
        } catch {
            throw LocalLakebaseError(.certificate, "No server certificate could be made: \(error).", underlying: error)
        }
    }

    /// A short path, because that of a Unix socket is limited to about a hundred bytes.
    private static func makeRuntimeDirectory(previous: String?, user: ServerUser) throws -> String {
        let prefix = "/tmp/lakebase-run."
        // The name may be another's by now.
        if let previous, previous.startsExactly(with: prefix), !previous.utf8.dropFirst(prefix.utf8.count).contains(47),
            let facts = try? FileFacts.of(previous), facts.kind == .folder,
            facts.owner == geteuid() || facts.owner == user.other?.userID
        {
            try? FileManager.default.removeItem(atPath: previous)
        }
        let made = try PrivateFile.makeTemporaryDirectory(prefix + "XXXXXX")
        try user.own(made)
        return made
    }
}
