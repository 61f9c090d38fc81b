//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import NIOSSL
import PostgresGateway
import Secrets

extension LocalLakebase {
    /// Everything that has been made and not yet started.
    struct Parts: Sendable {
        var state: LocalState
        /// What `lakebase.json` says now.
        var savedState: LocalState
        var identities: IdentityDirectory
        var compute: Compute
        var gateway: PostgresGateway
        var server: ControlPlaneServer
        var runtimeDirectory: String
        var postgresVersion: String
    }

    /// Makes what is missing in the folder and puts the parts together.
    ///
    /// Starts no PostgreSQL, except to make a new cluster.
    func prepare(directory: DataDirectory, state saved: LocalState) async throws -> Parts {
        var state = saved
        let user = try ServerUser.resolve()
        try user.checkReaches(directory.path)
        async let installing = self.prepareCluster(directory: directory, state: saved, user: user)
        async let signing = TokenService.load(
            from: directory, workspaceID: saved.workspaceID, databaseLifetime: self.configuration.tokenLifetime
        )
        let identities = try IdentityDirectory(state: saved, directory: directory)
        let authority = try CertificateAuthority.load(from: directory)
        guard
            let address = LoopbackAddress.choose(
                LoopbackAddress.candidates(
                    remembered: saved.endpoints[LocalProject.endpointName], workspaceID: saved.workspaceID,
                    endpoint: LocalProject.endpointName
                )
            )
        else {
            throw LocalLakebaseError(.addressInUse, "No loopback address has a free port for the Postgres endpoint.")
        }
        let tokens = try await signing
        let (cluster, tree) = try await installing
        await PostgresServer.stopStranded(cluster, logger: self.logger)
        let runtime = try Self.makeRuntimeDirectory(previous: saved.runtimeDirectory, user: user)
        state.runtimeDirectory = runtime
        // Written before anything uses it, so that a start after a kill can remove it.
        try directory.save(state)
        let compute = Compute(
            settings: Compute.Settings(
                endpoint: LocalProject.endpointName,
                launch: PostgresServer.Launch(cluster: cluster, tree: tree, socketFolder: runtime),
                suspendAfter: self.configuration.suspendAfter, wakeDelay: self.configuration.wakeDelay
            ),
            counters: self.counters, logger: self.logger
        )
        let project = LocalProject(
            uid: saved.accountID, createdAt: saved.createdAt, owner: saved.developer,
            postgresMajor: cluster.installation.major,
            suspendAfter: self.configuration.suspendAfter, address: address
        )
        return Parts(
            state: state,
            savedState: state,
            identities: identities,
            compute: compute,
            gateway: try self.makeGateway(
                address: address, project: project, authority: authority, identities: identities, tokens: tokens,
                compute: compute
            ),
            server: self.makeServer(
                project: project, state: saved, identities: identities, tokens: tokens, compute: compute,
                services: try WorkspaceServices(
                    folder: directory.workspaceFolder, identities: identities,
                    databases: LocalProjectDatabases(compute: compute), workspaceID: saved.workspaceID)
            ),
            runtimeDirectory: runtime,
            postgresVersion: cluster.installation.version
        )
    }

    @concurrent
    private func prepareCluster(
        directory: DataDirectory, state: LocalState, user: ServerUser
    ) async throws -> (BranchCluster, PostgresTree) {
        let installation = try await PostgresInstallation.find(configured: self.configuration.postgresDirectory)
        async let tree = Self.openTree(in: directory.postgresFolder, for: installation)
        let cluster = BranchCluster(
            folder: directory.branchFolder(LocalProject.branchID), installation: installation, user: user
        )
        try await cluster.bootstrapIfNeeded(state: state, durable: !directory.isTemporary)
        return (cluster, try await tree)
    }

    /// In a task of its own, because it copies files.
    @concurrent
    private static func openTree(in folder: String, for installation: PostgresInstallation) async throws -> PostgresTree
    {
        try PostgresTree.open(in: folder, for: installation)
    }

    private func makeGateway(
        address: LocalState.EndpointAddress, project: LocalProject, authority: CertificateAuthority,
        identities: IdentityDirectory, tokens: TokenService, compute: Compute
    ) throws -> PostgresGateway {
        let policy = LoginPolicy(
            endpoint: LocalProject.endpointName, identities: identities, tokens: tokens,
            strictEndpoints: self.configuration.strictEndpoints, compute: compute, counters: self.counters,
            logger: self.logger
        )
        var gateway = GatewayConfiguration(
            host: address.address, port: address.port,
            tls: try Self.tls(
                authority: authority, names: ["localhost", LocalProject.hostName(endpointUID: project.endpointUID)],
                addresses: [address.address, "127.0.0.1"]
            )
        )
        // A compute may take its time to wake, plus whatever delay was asked for.
        gateway.policyTimeout = .seconds(60) + self.configuration.wakeDelay
        return PostgresGateway(configuration: gateway, policy: policy, logger: self.logger)
    }

    private func makeServer(
        project: LocalProject, state: LocalState, identities: IdentityDirectory, tokens: TokenService, compute: Compute,
        services: WorkspaceServices
    ) -> ControlPlaneServer {
        let controlPlane = ControlPlane(
            project: project, accountID: state.accountID, identities: identities, tokens: tokens, compute: compute,
            faults: self.faults, counters: self.counters, services: services
        )
        var port = self.configuration.listenPort
        if port == 0, let last = state.controlPlanePort {
            let wanted = LocalState.EndpointAddress(address: self.configuration.listenHost, port: last)
            if LoopbackAddress.probe(wanted) == .free(port: last) { port = last }
        }
        return ControlPlaneServer(
            controlPlane: controlPlane, host: self.configuration.listenHost, port: port, logger: self.logger
        )
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

    /// A short path, because that of a Unix socket may have a hundred bytes or so.
    private static func makeRuntimeDirectory(previous: String?, user: ServerUser) throws -> String {
        let prefix = "/tmp/lakebase-run."
        if let previous, previous.hasPrefix(prefix), !previous.dropFirst(prefix.count).contains("/") {
            try? FileManager.default.removeItem(atPath: previous)
        }
        let made = try PrivateFile.makeTemporaryDirectory(prefix + "XXXXXX")
        try user.own(made)
        return made
    }
}
