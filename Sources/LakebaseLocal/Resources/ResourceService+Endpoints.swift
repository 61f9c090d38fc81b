//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LocalGround
import LocalPostgres
import LocalWorkspace
import Logging
import PostgresGateway

/// Endpoints and the computes behind them.
extension ResourceService {
    /// Starts to run a branch's computes, and makes its endpoints listen.
    func openBranch(_ name: String) async throws {
        // Read-only endpoints are standbys of the read-write endpoint.
        let endpoints = self.view.inventory.endpoints(of: name)
        for endpoint in endpoints.filter({ !$0.isReadOnly }) + endpoints.filter(\.isReadOnly) {
            try await self.openEndpoint(endpoint.name)
        }
    }

    /// Starts to run an endpoint's compute, and makes the endpoint listen.
    func openEndpoint(_ name: String) async throws {
        let view = self.view
        let parts = self.parts
        guard let endpoint = view.inventory.endpoints[name], let branch = view.inventory.branches[endpoint.branch],
            let place = view.inventory.place(of: endpoint)
        else { return }
        let major = view.inventory.postgresMajor(of: branch.project)
        let launch = try await parts.workshop.launch(
            place, major: major, settings: self.parameters(of: endpoint, in: view))
        let settings = Compute.Settings(
            endpoint: endpoint.name, launch: launch, suspendAfter: view.suspendDelay(endpoint.settings),
            wakeDelay: parts.wakeDelay
        )
        // No more than they need: with the whole of the parts a compute would keep the data folder locked.
        let (counters, logger) = (parts.counters, parts.logger)
        var hooks = Compute.Hooks(willStart: { counters.count { $0.computeStarts += 1 } })
        if endpoint.isReadOnly {
            guard let primary = parts.fleet.compute(of: branch.uid) else { throw CancellationError() }
            let replica = Replica(
                primary: primary, source: try parts.workshop.cluster(branch.folder, major: major),
                cluster: launch.cluster
            )
            hooks.beforeStart = { try await replica.refresh(logger: logger) }
        } else {
            // Reads the roles that SQL has changed once more before the compute is suspended.
            hooks.beforeSleep = { [weak self] administration in
                await self?.refreshRoles(ofBranch: branch.name, from: administration)
            }
        }
        let isNew = parts.fleet.compute(of: place.uid) == nil
        let compute = parts.fleet.add(place.uid) {
            Compute(settings: settings, logger: parts.logger, hooks: hooks)
        }
        guard let compute else { throw CancellationError() }
        if isNew { await PostgresServer.stopStranded(launch.cluster, logger: parts.logger) }
        let others = Set(view.inventory.endpoints.values.filter { $0.name != endpoint.name }.map(\.address))
        let address = try await parts.listeners.open(endpoint, of: place.uid, compute: compute, others: others)
        guard address.host != endpoint.address || address.port != endpoint.port else {
            self.parts.listeners.directory.update(from: self.view.inventory)
            return
        }
        try self.change { inventory in
            inventory.endpoints[endpoint.name]?.address = address.host
            inventory.endpoints[endpoint.name]?.port = address.port
        }
    }

    /// Starts the computes of a new branch: clients that created it wait until its endpoint is ACTIVE.
    func startComputes(of branch: String) async {
        for endpoint in self.view.inventory.endpoints(of: branch) { await self.startCompute(ofEndpoint: endpoint.name) }
    }

    /// Starts the compute of a new endpoint, which is suspended after its timeout if no client logs in.
    ///
    /// A compute that cannot start does not undo the creation: the next login tries again, and reports why.
    func startCompute(ofEndpoint name: String) async {
        guard self.view.inventory.endpoints[name]?.disabled == false, let compute = self.compute(ofEndpoint: name)
        else {
            return
        }
        do {
            _ = try await compute.login()
        } catch {
            self.parts.logger.debug(
                "A new compute did not start",
                metadata: [
                    "lakebase.endpoint": "\(name)", "lakebase.error": "\("\(error)".escapedForLog(limit: 2_000))",
                ])
        }
    }

    /// Applies an endpoint's record to its compute.
    func settleEndpoint(_ name: String) async throws {
        let view = self.view
        let endpoint = try view.inventory.endpoint(name)
        // Those that follow have to have room for what the writer does.
        let followers = view.inventory.endpoints(of: endpoint.branch).filter { $0.isReadOnly && !endpoint.isReadOnly }
        for one in [endpoint] + followers {
            guard let compute = self.compute(ofEndpoint: one.name) else { continue }
            await compute.reconfigure(
                suspendAfter: view.suspendDelay(one.settings), parameters: self.parameters(of: one, in: view)
            )
        }
        // From now on the gateway refuses logins, so nothing wakes it again.
        if endpoint.disabled { await self.compute(ofEndpoint: name)?.quiesce() }
    }

    /// The compute behind an endpoint.
    func compute(ofEndpoint name: String) -> Compute? {
        let inventory = self.view.inventory
        return inventory.endpoints[name].flatMap { inventory.place(of: $0) }
            .flatMap { self.parts.fleet.compute(of: $0.uid) }
    }

    /// The state of an endpoint's compute.
    func phase(ofEndpoint name: String) async -> ComputePhase {
        await self.compute(ofEndpoint: name)?.phase ?? .idle
    }

    /// The PostgreSQL settings of an endpoint.
    private func parameters(of endpoint: EndpointRecord, in view: ResourceView) -> [(name: String, value: String)] {
        guard endpoint.isReadOnly, let writer = view.inventory.writer(of: endpoint.branch),
            let place = view.inventory.place(of: writer)
        else { return Self.parameters(endpoint.settings) }
        // A server that follows does not start with fewer connections, locks or workers than the one it follows.
        let connections = max(endpoint.settings.maximumConnections, writer.settings.maximumConnections)
        let parameters = writer.settings.parameters.merging(endpoint.settings.parameters) { theirs, own in
            guard let one = Int(theirs), let other = Int(own) else { return own }
            return String(max(one, other))
        }
        return [("max_connections", String(connections))]
            + parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            + Replica.settings(
                following: self.parts.workshop.sockets(of: place.uid), passwordFile: self.parts.workshop.passwordFile
            )
    }

    private static func parameters(_ settings: ComputeSettings) -> [(name: String, value: String)] {
        [("max_connections", String(settings.maximumConnections))]
            + settings.parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
