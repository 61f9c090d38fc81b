//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

@Suite("Which sockets of an app get another port") struct PortRedirectionTests {
    private let redirection = PortRedirection(asked: 8000, given: 0x9C41, takesConnections: true)

    private static func v4(_ address: [UInt8], port: UInt16) -> [UInt8] {
        [2, 0, UInt8(port >> 8), UInt8(port & 0xFF)] + address + Array(repeating: 0, count: 8)
    }

    private static func v6(_ address: [UInt8], port: UInt16) -> [UInt8] {
        [10, 0, UInt8(port >> 8), UInt8(port & 0xFF), 0, 0, 0, 0] + address + [0, 0, 0, 0]
    }

    private static let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]
    private static let loopback6: [UInt8] = Array(repeating: 0, count: 15) + [1]

    @Test(arguments: [[0, 0, 0, 0], [127, 0, 0, 1], [127, 3, 2, 1], [192, 168, 0, 7]] as [[UInt8]])
    func `listening on the platform's port is listening on the given one of this machine`(address: [UInt8]) {
        let moved = self.redirection.replacement(for: .bind, Self.v4(address, port: 8000), takesIPv4: true)
        #expect(moved == Self.v4([127, 0, 0, 1], port: 0x9C41))
    }

    @Test func `sockets for IPv6 take the address of IPv4 if they can`() {
        let any = Self.v6(Array(repeating: 0, count: 16), port: 8000)
        #expect(
            self.redirection.replacement(for: .bind, any, takesIPv4: true)
                == Self.v6(Self.mapped + [127, 0, 0, 1], port: 0x9C41))
        #expect(
            self.redirection.replacement(for: .bind, any, takesIPv4: false) == Self.v6(Self.loopback6, port: 0x9C41))
    }

    @Test func `an app that connects to itself finds itself, and nobody else is led astray`() {
        for address in [[127, 0, 0, 1], [0, 0, 0, 0]] as [[UInt8]] {
            #expect(
                self.redirection.replacement(for: .connect, Self.v4(address, port: 8000), takesIPv4: true)
                    == Self.v4([127, 0, 0, 1], port: 0x9C41))
        }
        #expect(
            self.redirection.replacement(for: .connect, Self.v6(Self.loopback6, port: 8000), takesIPv4: true) != nil)
        #expect(
            self.redirection.replacement(for: .connect, Self.v4([10, 0, 0, 1], port: 8000), takesIPv4: true) == nil)
        let other = PortRedirection(asked: 8000, given: 1, takesConnections: false)
        #expect(
            other.replacement(for: .connect, Self.v4([127, 0, 0, 1], port: 8000), takesIPv4: true) == nil,
            "the workspace itself listens there")
        for kind in [PortRedirection.Call.bind, .connect] {
            #expect(self.redirection.replacement(for: kind, Self.v4([0, 0, 0, 0], port: 8001), takesIPv4: true) == nil)
        }
    }

    @Test(
        arguments: [
            [], [2], [2, 0, 31, 64], [1, 0] + Array(repeating: 47, count: 108),
            [10, 0, 31, 64] + Array(repeating: 0, count: 12),
        ] as [[UInt8]])
    func `what is no address of the internet is left alone`(bytes: [UInt8]) {
        #expect(self.redirection.replacement(for: .bind, bytes, takesIPv4: true) == nil)
    }

    @Test func `without redirection the first app has the platform's port, and others are told who has it`() throws {
        // It may be another program's here.
        guard case .free = LoopbackAddress.probe(.init(address: "0.0.0.0", port: 8000)) else { return }
        let ports = AppPorts(redirects: false)
        let first = try #require(ports.plan(for: "one", workspacePort: 1))
        #expect(first == AppPorts.Plan(told: 8000, actual: 8000))
        let second = try #require(ports.plan(for: "two", workspacePort: 1))
        #expect(second.told == second.actual && second.told != 8000)
        #expect(second.obstacle?.contains("held by the app 'one'") == true)
        #expect(second.obstacle?.contains("databricks apps stop one") == true)
        let newer = try #require(ports.plan(for: "one", workspacePort: 1))
        #expect(newer.obstacle?.contains("the version of this app that runs") == true)
        ports.release(second, of: "two")
        #expect(ports.plan(for: "three", workspacePort: 1)?.told != 8000)
        ports.release(first, of: "one")
        #expect(ports.plan(for: "three", workspacePort: 1)?.told == 8000)
    }
}

@Suite("Frames of WebSockets") struct WebSocketFrameTests {
    @Test func `frames of a client are read however they come, and nothing else is`() throws {
        let text = Array("find me".utf8)
        let mask: [UInt8] = [1, 2, 3, 4]
        let frame = [0x81, 0x80 | UInt8(text.count)] + mask + text.enumerated().map { $1 ^ mask[$0 & 3] }
        var reader = WebSocketReader(limit: 100)
        var read: [WebSocketFrame] = []
        for byte in frame + frame { read += try reader.take([byte]) }
        #expect(read == [.init(kind: .text, payload: text), .init(kind: .text, payload: text)])
        for (bytes, failure) in [
            ([0x81, 0x01, 0x41], .malformed), ([0x80, 0x80], .malformed), ([0x01, 0x80], .malformed),
            ([0xC1, 0x80], .malformed), ([0x81, 0xFE, 0x01, 0x00], .tooLong),
            ([0x81, 0xFF] + Array(repeating: 0xFF, count: 8), .tooLong),
        ] as [([UInt8], WebSocketReader.Failure)] {
            var reader = WebSocketReader(limit: 100)
            #expect(throws: failure) { try reader.take(bytes) }
        }
    }

    @Test func `frames of the server say their length`() {
        #expect(WebSocketFrame(kind: .text, payload: [65]).bytes == [0x81, 1, 65])
        #expect(
            WebSocketFrame(kind: .close, payload: Array(repeating: 0, count: 300)).bytes.prefix(4) == [
                0x88, 126, 1, 44,
            ])
        let long = WebSocketFrame(kind: .text, payload: Array(repeating: 0, count: 70_000)).bytes
        #expect(long.prefix(10) == [0x81, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70])
    }
}
