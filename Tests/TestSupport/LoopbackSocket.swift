//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// A listening socket on 127.0.0.1 that accepts into its backlog and never says a word.
public final class LoopbackSocket: Sendable {
    /// Its port.
    public let port: Int
    private let descriptor: Int32

    /// A socket on a free port.
    ///
    /// - Parameter listening: Whether it accepts; one that does not refuses, and keeps the port for as long as it lives.
    public init(listening: Bool = true) throws {
        #if canImport(Glibc)
        let kind = Int32(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw LoopbackSocketError(description: "socket failed with errno \(errno)") }
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        guard bound, !listening || listen(descriptor, 16) == 0 else {
            throw LoopbackSocketError(description: "no loopback port, errno \(errno)")
        }
    }

    deinit { close(self.descriptor) }

    /// Takes the next connection and hangs up on it, whatever it has said.
    public func hangUpOnNext() {
        Thread.detachNewThread { [self] in
            #if canImport(Glibc)
            close(Glibc.accept(self.descriptor, nil, nil))
            #else
            close(accept(self.descriptor, nil, nil))
            #endif
        }
    }

    /// What the listener sees of a connection.
    public enum Event: Sendable, Equatable {
        /// The other end has connected.
        case accepted
        /// The other end has hung up, that long after it connected.
        case ended(after: Duration)
    }

    /// Takes the next connection, never says a word on it, and tells when it came and how long the other end kept it.
    ///
    /// A thread of its own measures: a task of a test waits for a place among those of all other tests first.
    public func eventsOfNext() -> AsyncStream<Event> {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        Thread.detachNewThread { [self] in
            #if canImport(Glibc)
            let connection = Glibc.accept(self.descriptor, nil, nil)
            #else
            let connection = accept(self.descriptor, nil, nil)
            #endif
            let begin = ContinuousClock.now
            continuation.yield(.accepted)
            var bytes = [UInt8](repeating: 0, count: 1024)
            while read(connection, &bytes, bytes.count) > 0 {}
            continuation.yield(.ended(after: ContinuousClock.now - begin))
            continuation.finish()
            close(connection)
        }
        return events
    }

    /// A port that nobody listens on at the moment.
    public static func freePort() throws -> Int { try LoopbackSocket(listening: false).port }
}

/// Why there is no socket.
public struct LoopbackSocketError: Error, CustomStringConvertible {
    /// What failed.
    public let description: String
}
