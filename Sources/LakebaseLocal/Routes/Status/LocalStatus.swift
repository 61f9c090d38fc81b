//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Foundation
import LocalGround
import LocalPostgres
import LocalWorkspace

/// The state of a running local Lakebase, as `/local/status` returns it.
public struct LocalStatus: Codable, Sendable, Equatable {
    /// A project and its branches.
    public struct Project: Codable, Sendable, Equatable {
        /// The resource name.
        public var name: String
        /// When it was deleted, for a project that can still be undeleted.
        public var deleteTime: Date?
        /// The branches, each after its parent.
        public var branches: [Branch]
    }

    /// A branch and its endpoint.
    public struct Branch: Codable, Sendable, Equatable {
        /// The resource name.
        public var name: String
        /// The resource name of its parent branch; `nil` for a root.
        public var source: String?
        /// The number of its ancestors.
        public var depth: Int
        /// `INIT`, `READY` or `DELETED`.
        public var state: String
        /// Whether it is the project's default.
        public var isDefault: Bool
        /// Whether it is protected.
        public var isProtected: Bool
        /// When it expires.
        public var expireTime: Date?
        /// The size of its data directory in bytes, as of its last copy or the start of the workspace.
        public var sizeBytes: Int64?
        /// Its endpoints.
        public var endpoints: [Endpoint]
    }

    /// An endpoint and its compute.
    public struct Endpoint: Codable, Sendable, Equatable {
        /// The resource name.
        public var name: String
        /// `idle`, `starting`, `active`, `suspending`, or `disabled`.
        public var state: String
        /// The IP address.
        public var address: String
        /// The port.
        public var port: Int
        /// The number of its sessions.
        public var sessions: Int
    }

    /// The projects by name.
    public var projects: [Project]

    /// Encodes a status as the workspace does, with times in ISO 8601.
    public static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// Decodes what ``encoder`` encodes.
    public static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}

extension ResourceService {
    /// The projects with their branches, endpoints and computes.
    func status() async -> LocalStatus {
        let view = self.view
        var projects: [LocalStatus.Project] = []
        for project in view.inventory.projects.values.sorted(by: { $0.id < $1.id }) {
            var branches: [LocalStatus.Branch] = []
            for (branch, depth) in view.inventory.tree(of: project.id) {
                branches.append(await self.status(of: branch, depth: depth, in: view))
            }
            projects.append(.init(name: project.name, deleteTime: project.deleteTime, branches: branches))
        }
        return LocalStatus(projects: projects)
    }

    private func status(of branch: BranchRecord, depth: Int, in view: ResourceView) async -> LocalStatus.Branch {
        var endpoints: [LocalStatus.Endpoint] = []
        for endpoint in view.inventory.endpoints(of: branch.name) {
            let compute = self.compute(ofEndpoint: endpoint.name)
            let phase = await compute?.phase ?? .idle
            endpoints.append(
                LocalStatus.Endpoint(
                    name: endpoint.name, state: endpoint.disabled ? "disabled" : "\(phase)",
                    address: endpoint.address, port: endpoint.port, sessions: compute?.activity.openSessions ?? 0
                )
            )
        }
        return LocalStatus.Branch(
            name: branch.name, source: branch.source, depth: depth,
            state: branch.isDeleted ? "DELETED" : branch.state == .ready ? "READY" : "INIT",
            isDefault: view.inventory.projects[branch.project]?.defaultBranch == branch.id,
            isProtected: branch.isProtected, expireTime: branch.expireTime, sizeBytes: view.sizes[branch.uid],
            endpoints: endpoints
        )
    }

    /// When a session of an endpoint was last active; `nil` if it has had none since the start of the workspace.
    func lastActive(ofEndpoint name: String) -> Date? {
        guard let clock = self.compute(ofEndpoint: name)?.activity, clock.wasUsed else { return nil }
        let parts = (ContinuousClock.now - clock.last).components
        return Date().addingTimeInterval(-Double(parts.seconds) - Double(parts.attoseconds) / 1e18)
    }
}

extension WorkspaceState {
    /// The branches of a project with their depth, each after its parent.
    func tree(of project: String) -> [(branch: BranchRecord, depth: Int)] {
        let branches = self.branches(of: project)
        let names = Set(branches.map(\.name))
        var rows: [(branch: BranchRecord, depth: Int)] = []
        func add(_ branch: BranchRecord, _ depth: Int) {
            rows.append((branch, depth))
            for child in branches where child.source == branch.name { add(child, depth + 1) }
        }
        // A branch whose parent no longer exists counts as a root.
        for branch in branches where branch.source.map({ !names.contains($0) }) ?? true { add(branch, 0) }
        return rows
    }
}
