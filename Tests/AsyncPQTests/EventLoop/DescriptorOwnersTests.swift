//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQ

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

@Suite("Descriptors that are used again")
struct DescriptorOwnersTests {
    /// Runs on a loop, as connections do.
    private actor Sockets {
        let loop: PQEventLoop
        private let (old, new) = (SocketSource(), SocketSource())
        nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

        init(loop: PQEventLoop) { self.loop = loop }

        /// Two sockets have the same number one after the other, and the first is removed last; returns how the wait for the second ends.
        func waitForSecond(_ first: Int32, _ second: Int32, sending: Int32) async throws -> SocketWake {
            // Far from the numbers that others get meanwhile.
            let number = fcntl(first, F_DUPFD, 700)
            self.loop.watch(self.old, descriptor: number, write: false)
            close(number)
            try #require(fcntl(second, F_DUPFD, number) == number)
            self.loop.watch(self.new, descriptor: number, write: false)
            self.loop.remove(self.old)
            let wake = await withUnsafeContinuation { waiter in
                self.loop.park(waiter, on: self.new)
                self.loop.expire(self.new, at: .now + .seconds(30))
                var byte: UInt8 = 1
                #expect(write(sending, &byte, 1) == 1)
            }
            self.loop.remove(self.new)
            close(number)
            return wake
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a socket is still watched after the end of one that had its number before`() async throws {
        var (first, second): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        #if canImport(Glibc)
        let kind = Int32(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        try #require(socketpair(AF_UNIX, kind, 0, &first) == 0 && socketpair(AF_UNIX, kind, 0, &second) == 0)
        defer { for descriptor in first + second { close(descriptor) } }
        let loop = try PQEventLoop(name: "descriptors")
        defer { loop.stop() }
        #expect(try await Sockets(loop: loop).waitForSecond(first[0], second[0], sending: second[1]) == .ready)
    }

    @Test func `only the owner releases a descriptor`() {
        var owners = DescriptorOwners()
        let (first, second) = (SocketTable.Token(bits: 1), SocketTable.Token(bits: 2))
        owners.take(7, for: first)
        owners.take(7, for: second)
        let released = [owners.release(7, of: first), owners.release(7, of: second), owners.release(7, of: second)]
        #expect(released == [false, true, false])
    }
}
