//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

@testable import LakebaseLocal

#if canImport(Glibc)
import Glibc
#endif

#if canImport(Darwin)
private let systemSend = Darwin.send
private let systemConnect = Darwin.connect
#else
private let systemSend = Glibc.send
private let systemConnect = Glibc.connect
#endif

/// A connection on which a test sends exactly the bytes that it likes.
final class RawHTTP: Sendable {
    let descriptor: Int32

    struct Failure: Error {}

    /// Connects to 127.0.0.1.
    convenience init(port: Int) throws {
        self.init()
        try self.connect(to: port)
    }

    /// Has a socket that is not connected yet.
    init() {
        #if canImport(Darwin)
        let kind = SOCK_STREAM
        #else
        let kind = Int32(SOCK_STREAM.rawValue)
        #endif
        self.descriptor = socket(AF_INET, kind, 0)
    }

    func connect(to port: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                systemConnect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure() }
    }

    deinit { close(self.descriptor) }

    /// Sends all of it; false when the other end does not take it any more.
    @discardableResult
    func send(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            #if canImport(Darwin)
            let flags: Int32 = 0
            #else
            let flags = Int32(MSG_NOSIGNAL)
            #endif
            let count = rest.withUnsafeBytes { systemSend(self.descriptor, $0.baseAddress, $0.count, flags) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Reads until what came fits, the other end closes, or the time is over; nil in place of a text that never fitted.
    @concurrent
    func read(within limit: Duration = .seconds(60), until fits: @Sendable (String) -> Bool = { _ in false }) async -> (
        text: String, ended: Bool
    ) {
        let deadline = ContinuousClock.now + limit
        var data = Data()
        while ContinuousClock.now < deadline {
            var ready = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 50) > 0 else { continue }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(self.descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return (String(decoding: data, as: UTF8.self), true) }
            data += buffer[..<count]
            let text = String(decoding: data, as: UTF8.self)
            if fits(text) { return (text, false) }
        }
        return (String(decoding: data, as: UTF8.self), false)
    }
}

extension Fixture {
    /// The port of the workspace's HTTP service.
    var port: Int { URL(string: self.ready.host)?.port ?? 0 }

    /// Sends a text on a connection of its own and reads until that is closed.
    func raw(_ text: String) async throws -> String {
        let connection = try RawHTTP(port: self.port)
        connection.send(text)
        return await connection.read().text
    }
}
