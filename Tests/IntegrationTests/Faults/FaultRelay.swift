//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Synchronization

/// A TCP relay that can be told to misbehave.
///
/// Two threads a connection and blocking calls: plain enough that what goes wrong is what was asked for.
final class FaultRelay: Sendable {
    /// What is wrong at present.
    struct Faults: Sendable {
        /// Who connects is reset.
        var refuses = false
        /// Nothing passes, in either direction; it is kept and passes later, as TCP would send it again.
        var holds = false
        /// How much later each piece passes.
        var delay = Duration.zero
        /// How much later a connection to the server is made.
        var connectDelay = Duration.zero
        /// How many bytes pass in a second, in each direction.
        var bytesPerSecond: Int?
    }

    private struct State {
        var faults = Faults()
        var pairs: [Int: Pair] = [:]
        var nextPair = 0
        var accepted = 0
        var isStopped = false
    }

    private struct Pair {
        var client: Int32
        var server: Int32
        var pumps = 2
        var isCut = false
    }

    let port: Int
    private let listener: Int32
    private let target: sockaddr_in
    private let state = Mutex(State())

    /// - Parameter address: Where it listens, on this machine.
    init(to host: String, port: Int, on address: String = "127.0.0.1") throws {
        self.target = Self.address(host, port)
        self.listener = socket(AF_INET, Self.streamKind, 0)
        var (address, length) = (Self.address(address, 0), socklen_t(MemoryLayout<sockaddr_in>.size))
        let listener = self.listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 128) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in self.accept() }
    }

    /// What is wrong from now on.
    var faults: Faults {
        get { self.state.withLock { $0.faults } }
        set { self.state.withLock { $0.faults = newValue } }
    }

    /// How many connections were taken so far.
    var accepted: Int { self.state.withLock { $0.accepted } }

    /// Resets every connection.
    func reset() {
        self.state.withLock { state in
            for number in state.pairs.keys { Self.cut(&state.pairs[number]) }
        }
    }

    /// Tells every client that nothing more comes, while it may still send.
    func halfClose() {
        self.state.withLock { state in
            for pair in state.pairs.values { shutdown(pair.client, Int32(SHUT_WR)) }
        }
    }

    func stop() {
        self.state.withLock { state in
            state.isStopped = true
            state.faults = Faults()
        }
        shutdown(self.listener, Int32(SHUT_RDWR))
        self.reset()
    }

    // MARK: Relaying

    private func accept() {
        while true {
            let client = Self.acceptOne(self.listener)
            guard client >= 0 else { break }
            let (isStopped, faults) = self.state.withLock { state in
                state.accepted += 1
                return (state.isStopped, state.faults)
            }
            if isStopped { break }
            if faults.refuses {
                Self.resetOnClose(client)
                close(client)
                continue
            }
            Thread.detachNewThread { [self] in self.serve(client) }
        }
        close(self.listener)
    }

    private func serve(_ client: Int32) {
        Self.sleep(self.faults.connectDelay)
        let server = socket(AF_INET, Self.streamKind, 0)
        var target = self.target
        let isConnected = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            Self.resetOnClose(client)
            close(client)
            close(server)
            return
        }
        for descriptor in [client, server] {
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        }
        let number = self.state.withLock { state in
            state.nextPair += 1
            state.pairs[state.nextPair] = Pair(client: client, server: server)
            return state.nextPair
        }
        Thread.detachNewThread { [self] in self.pump(number, from: server, to: client) }
        self.pump(number, from: client, to: server)
    }

    private func pump(_ number: Int, from source: Int32, to sink: Int32) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        relaying: while true {
            let limit = self.faults.bytesPerSecond.map { max(256, $0 / 20) } ?? buffer.count
            let count = recv(source, &buffer, min(limit, buffer.count), 0)
            guard count > 0 else { break }
            Self.sleep(self.faults.delay)
            while self.faults.holds {
                if self.state.withLock({ $0.pairs[number]?.isCut ?? true }) { break relaying }
                Self.sleep(.milliseconds(2))
            }
            var sent = 0
            while sent < count {
                let step = buffer.withUnsafeBytes {
                    send(sink, $0.baseAddress.map { $0 + sent }, count - sent, Self.noSignal)
                }
                guard step > 0 else { break relaying }
                sent += step
            }
            if let rate = self.faults.bytesPerSecond { Self.sleep(.seconds(Double(count) / Double(rate))) }
        }
        shutdown(sink, Int32(SHUT_WR))
        self.state.withLock { state in
            guard var pair = state.pairs[number] else { return }
            pair.pumps -= 1
            state.pairs[number] = pair
            guard pair.pumps == 0 else { return }
            state.pairs[number] = nil
            close(pair.client)
            close(pair.server)
        }
    }

    private static func cut(_ pair: inout Pair?) {
        guard let sockets = pair else { return }
        pair?.isCut = true
        // Closing then resets instead of saying goodbye. Reading ends, so that the pumps come to it.
        for descriptor in [sockets.client, sockets.server] {
            Self.resetOnClose(descriptor)
            shutdown(descriptor, Int32(SHUT_RD))
        }
    }
}

extension FaultRelay {
    private static func resetOnClose(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    private static func address(_ host: String, _ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return address
    }

    private static func sleep(_ duration: Duration) {
        guard duration > .zero else { return }
        Thread.sleep(forTimeInterval: duration / .seconds(1))
    }

    private static func acceptOne(_ listener: Int32) -> Int32 {
        #if canImport(Glibc)
        Glibc.accept(listener, nil, nil)
        #elseif canImport(Musl)
        Musl.accept(listener, nil, nil)
        #else
        Darwin.accept(listener, nil, nil)
        #endif
    }

    #if os(Linux)
    private static let streamKind = Int32(SOCK_STREAM.rawValue)
    private static let noSignal = Int32(MSG_NOSIGNAL)
    #else
    private static let streamKind = SOCK_STREAM
    private static let noSignal: Int32 = 0
    #endif
}
