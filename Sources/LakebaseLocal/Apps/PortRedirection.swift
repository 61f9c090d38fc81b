//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Decides which sockets of an app's processes are bound to another port than they request; a value.
///
/// On the platform an app is alone with its port 8000. Here several are on one machine: each has a port of its own on
/// 127.0.0.1, and both its listening on 8000 and its connecting to itself there lead to that one.
struct PortRedirection: Equatable, Sendable {
    /// What a process does with a socket.
    enum Call: Equatable, Sendable {
        case bind
        case connect
    }

    /// The port that the app requests.
    let asked: UInt16
    /// The port that it gets.
    let given: UInt16
    /// Whether connections to the requested port of this machine are redirected too; not if the workspace listens
    /// there.
    let takesConnections: Bool

    /// The address to use instead, as a `sockaddr`; `nil` to keep the requested one.
    ///
    /// - Parameters:
    ///   - address: A `sockaddr` as Linux has it.
    ///   - takesIPv4: Whether a socket for IPv6 takes addresses of IPv4, too.
    func replacement(for call: Call, _ address: [UInt8], takesIPv4: Bool) -> [UInt8]? {
        guard let asked = SocketAddress(address), asked.port == self.asked else { return nil }
        switch call {
        // From other machines only the app's address leads to it, whose proxy looks at who comes.
        case .bind: break
        case .connect: guard self.takesConnections, asked.isThisMachine else { return nil }
        }
        return asked.moved(to: self.given, takesIPv4: takesIPv4)
    }
}

/// A `sockaddr` of IPv4 or IPv6 as Linux has it.
struct SocketAddress: Equatable, Sendable {
    private enum Family {
        case v4
        case v6
    }

    private let family: Family
    private let bytes: [UInt8]

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 16 else { return nil }
        switch bytes[..<2].withUnsafeBytes({ $0.loadUnaligned(as: UInt16.self) }) {
        case 2: self.family = .v4
        case 10 where bytes.count >= 28: self.family = .v6
        default: return nil
        }
        self.bytes = bytes
    }

    var port: UInt16 { UInt16(self.bytes[2]) << 8 | UInt16(self.bytes[3]) }

    /// The IPv4 address, also of an IPv4-mapped IPv6 address.
    private var v4: ArraySlice<UInt8>? {
        switch self.family {
        case .v4: self.bytes[4..<8]
        case .v6: self.bytes[8..<20].elementsEqual(Self.mapped) ? self.bytes[20..<24] : nil
        }
    }

    /// Whether it is the unspecified address, which means all addresses of the machine.
    var isUnspecified: Bool { self.v4?.allSatisfy { $0 == 0 } ?? self.bytes[8..<24].allSatisfy { $0 == 0 } }

    /// Whether a connection to it reaches this machine by the loopback.
    var isThisMachine: Bool {
        if self.isUnspecified || self.v4?.first == 127 { return true }
        return self.family == .v6 && self.bytes[8..<23].allSatisfy { $0 == 0 } && self.bytes[23] == 1
    }

    /// 127.0.0.1 with that port, or ::1 for a socket that has only IPv6.
    fileprivate func moved(to port: UInt16, takesIPv4: Bool) -> [UInt8] {
        var moved = self.bytes
        (moved[2], moved[3]) = (UInt8(port >> 8), UInt8(port & 0xFF))
        switch self.family {
        case .v4: moved.replaceSubrange(4..<8, with: [127, 0, 0, 1])
        case .v6 where takesIPv4: moved.replaceSubrange(8..<24, with: Self.mapped + [127, 0, 0, 1])
        case .v6: moved.replaceSubrange(8..<24, with: Array(repeating: 0, count: 15) + [1])
        }
        return moved
    }

    private static let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]
}
