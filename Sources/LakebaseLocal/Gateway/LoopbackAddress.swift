//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Digests
import Foundation
import LocalWorkspace

/// The address an endpoint listens on.
enum LoopbackAddress {
    /// The default port of Postgres clients.
    static let preferredPort = 5432

    /// The first three numbers of the workspace's addresses, which are unlikely to be used by another workspace.
    ///
    /// Two local Lakebases on one machine get different ones, so that both have port 5432.
    static func network(workspaceID: String) -> String {
        let digest = SHA256Hash(ofText: "\(workspaceID)/").bytes
        // Not 127.0.x.x, where other programs are.
        return "127.\(16 + Int(digest[0]) % 220).\(digest[1])"
    }

    /// Every address of a workspace.
    static func all(workspaceID: String) -> [String] {
        let network = Self.network(workspaceID: workspaceID)
        return (1...254).map { "\(network).\($0)" }
    }

    /// The address that an endpoint gets, if no other endpoint has it.
    static func preferred(workspaceID: String, endpoint: String, others: Set<String> = []) -> String {
        let all = Self.all(workspaceID: workspaceID)
        let digest = SHA256Hash(ofText: endpoint).bytes
        let first = (Int(digest[0]) << 8 + Int(digest[1])) % all.count
        let wanted = (0..<all.count).lazy.map { all[(first + $0) % all.count] }
        return wanted.first { !others.contains($0) } ?? all[first]
    }

    /// The addresses to try, in order: the previous one, the endpoint's own at 5432, its own at any port, the common
    /// one.
    static func candidates(
        remembered: LocalState.EndpointAddress?, workspaceID: String, endpoint: String, others: Set<String> = []
    ) -> [LocalState.EndpointAddress] {
        let own = Self.preferred(workspaceID: workspaceID, endpoint: endpoint, others: others)
        var candidates = [
            LocalState.EndpointAddress(address: own, port: Self.preferredPort),
            .init(address: own, port: 0), .init(address: "127.0.0.1", port: 0),
        ]
        if let remembered, candidates[0] != remembered { candidates.insert(remembered, at: 0) }
        return candidates
    }

    /// The result of trying an address.
    enum Probe: Equatable {
        /// The address is free; for port 0, the port is the one that the system chose.
        case free(port: Int)
        /// Another program listens on it.
        case taken
        /// This machine does not have the address.
        case unavailable
    }

    /// Tries to listen on an address for a moment.
    static func probe(_ candidate: LocalState.EndpointAddress) -> Probe {
        guard let bytes = CertificateAuthority.bytes(of: candidate.address), let port = UInt16(exactly: candidate.port)
        else { return .unavailable }
        #if canImport(Darwin)
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #endif
        guard descriptor >= 0 else { return .unavailable }
        defer { close(descriptor) }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard bound == 0, listen(descriptor, 1) == 0 else { return errno == EADDRINUSE ? .taken : .unavailable }
        let named = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return named == 0 ? .free(port: Int(UInt16(bigEndian: address.sin_port))) : .unavailable
    }

    /// The first candidate that is free, with its port.
    static func choose(
        _ candidates: [LocalState.EndpointAddress], probe: (LocalState.EndpointAddress) -> Probe = Self.probe
    ) -> LocalState.EndpointAddress? {
        for candidate in candidates {
            switch probe(candidate) {
            case .free(let port): return LocalState.EndpointAddress(address: candidate.address, port: port)
            case .taken, .unavailable: continue
            }
        }
        return nil
    }
}
