//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LocalGround
import LocalPostgres
import LocalWorkspace
import PostgresGateway
import Synchronization

/// Maps addresses to endpoints, for logins.
final class EndpointDirectory: Sendable {
    /// An endpoint that listens.
    struct Entry: Sendable {
        /// The resource name.
        var endpoint: String
        /// The id of its compute: the uid of its branch, or its own if it is read-only.
        var place: String
        var compute: Compute
        /// Whether it refuses logins.
        var disabled = false
        /// Whether roles may log in with a native password.
        var nativeLogin = false
        /// The roles with a native password, as far as the store knows.
        var passwordRoles: Set<ExactText> = []
    }

    private let entries = Mutex<[GatewayAddress: Entry]>([:])

    /// The endpoint that listens at an address.
    func entry(at address: GatewayAddress) -> Entry? { self.entries.withLock { $0[address] } }

    func add(_ entry: Entry, at address: GatewayAddress) { self.entries.withLock { $0[address] = entry } }

    /// Removes the endpoints of a compute, and returns their addresses.
    func remove(place uid: String) -> [GatewayAddress] {
        self.entries.withLock { entries in
            let addresses = entries.filter { $0.value.place == uid }.map(\.key)
            for address in addresses { entries[address] = nil }
            return addresses
        }
    }

    /// The addresses of a compute's endpoints.
    func addresses(ofPlace uid: String) -> [GatewayAddress] {
        self.entries.withLock { entries in entries.filter { $0.value.place == uid }.map(\.key) }
    }

    /// Updates the facts on which logins depend.
    func update(from inventory: WorkspaceState) {
        self.entries.withLock { entries in
            for (address, entry) in entries {
                entries[address]?.disabled = inventory.endpoints[entry.endpoint]?.disabled ?? true
                let roles = inventory.roles(of: ResourceName.parent(of: entry.endpoint)).filter {
                    $0.login == .password
                }
                entries[address]?.passwordRoles = Set(roles.map { ExactText($0.postgresRole) })
                let project = ResourceName.projectID(of: entry.endpoint)
                entries[address]?.nativeLogin = inventory.projects[project]?.nativeLogin ?? false
            }
        }
    }
}

/// The listening sockets of endpoints at the gateway.
struct EndpointListeners: Sendable {
    let gateway: PostgresGateway
    let directory: EndpointDirectory
    let workspaceID: String

    /// Makes an endpoint listen, on its previous address if that is free.
    ///
    /// - Parameter others: Addresses that other endpoints have.
    func open(
        _ endpoint: EndpointRecord, of place: String, compute: Compute, others: Set<String>
    ) async throws -> GatewayAddress {
        if let known = self.directory.addresses(ofPlace: place).first { return known }
        let remembered =
            endpoint.address.isEmpty ? nil : LocalState.EndpointAddress(address: endpoint.address, port: endpoint.port)
        let candidates = LoopbackAddress.candidates(
            remembered: remembered, workspaceID: self.workspaceID, endpoint: endpoint.name, others: others
        )
        for candidate in candidates {
            // Closed to logins until the rows say otherwise, which they do in a moment.
            let entry = EndpointDirectory.Entry(
                endpoint: endpoint.name, place: place, compute: compute, disabled: endpoint.disabled
            )
            guard let bound = try await self.bind(candidate) else { continue }
            self.directory.add(entry, at: bound)
            return bound
        }
        throw LocalLakebaseError(.addressInUse, "No loopback address has a free port for \(endpoint.name).")
    }

    /// Listens at an address; `nil` if it is taken or not available.
    private func bind(_ candidate: LocalState.EndpointAddress) async throws -> GatewayAddress? {
        do {
            return try await self.gateway.addListener(host: candidate.address, port: candidate.port)
        } catch {
            if error.code == .bindFailed { return nil }
            throw error
        }
    }

    /// Closes the endpoints of a compute; sessions continue until its server stops.
    func close(_ uid: String) async {
        for address in self.directory.remove(place: uid) { await self.gateway.removeListener(address) }
    }
}
