//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// Checks whether a program accepts connections on a port.
enum AppPort {
    /// Whether a program accepts connections on 127.0.0.1.
    static func isListening(_ port: Int) -> Bool { Self.accepts("127.0.0.1", port) }

    /// Whether a server that accepts connections on 127.0.0.1 accepts none on the machine's other addresses.
    ///
    /// On Linux all of 127/8 is there to ask; elsewhere nobody knows.
    static func isForThisMachineOnly(_ port: Int) -> Bool {
        #if os(Linux)
        !Self.accepts("127.0.0.2", port)
        #else
        false
        #endif
    }

    private static func accepts(_ host: String, _ port: Int) -> Bool {
        guard let bytes = CertificateAuthority.bytes(of: host), let number = UInt16(exactly: port) else { return false }
        #if canImport(Darwin)
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #endif
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // On this machine the answer comes in no time, unless the server has no room; it is asked again then.
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr.s_addr = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
        }
        if connected == 0 { return true }
        guard errno == EINPROGRESS else { return false }
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&ready, 1, 50) == 1 else { return false }
        var problem: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem == 0
    }
}
