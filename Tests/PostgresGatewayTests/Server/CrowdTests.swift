//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import PostgresGateway

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// More clients than there is room for.
struct CrowdTests {
    private static let refusing = ClosurePolicy { login throws(LoginRejection) in
        throw LoginRejection(sqlState: "28P01", message: "no")
    }

    @Test func `logins that wait are counted, and the oldest goes`() {
        var logins = PendingLogins(maximum: 2)
        #expect(logins.add(1) == nil)
        #expect(logins.add(2) == nil)
        #expect(logins.add(3) == 1)
        logins.remove(2)
        #expect(logins.add(4) == nil)
        #expect(logins.add(5) == 3)
        for id: UInt64 in 6..<10_000 {
            #expect(logins.add(id) != nil)
            logins.remove(id)
            #expect(logins.add(id + 100_000) == nil)
            #expect(logins.count == 2)
        }
    }

    @Test func `clients that say nothing make room for those that come`() async throws {
        let log = LogStore()
        try await withGateway(
            policy: Self.refusing, logger: log.logger(at: .warning), configure: { $0.maximumPendingLogins = 5 }
        ) { _, address in
            var idle: [TestPeer] = []
            for _ in 0..<40 { idle.append(try await TestPeer.connect(to: address)) }
            let (client, messages) = try await TestPeer.login(to: address)
            #expect(messages.last?.sqlState == "28P01")
            await client.close()
            for peer in idle.prefix(30) {
                #expect(await peer.message()?.sqlState == "53300")
                #expect(await peer.message() == nil)
            }
            for peer in idle { await peer.close() }
        }
        #expect(log.lines.count == 1, "\(log.lines)")
    }

    @Test func `sessions are not sent away for clients that say nothing`() async throws {
        let upstream = try await FakeUpstream.start()
        try await withGateway(
            policy: ClosurePolicy.token(upstream.target), configure: { $0.maximumPendingLogins = 2 }
        ) { gateway, address in
            async let accepted = upstream.acceptLogin(key: CancelKey(processID: 1, secret: 1))
            let (client, _) = try await TestPeer.login(to: address)
            let (server, _) = try await accepted
            var idle: [TestPeer] = []
            for _ in 0..<20 { idle.append(try await TestPeer.connect(to: address)) }
            for peer in idle.prefix(10) { #expect(await peer.message()?.sqlState == "53300") }
            try await server.send(Packets.readyForQuery)
            #expect(await client.message()?.type == "Z")
            #expect(gateway.sessions.count == 1)
            for peer in idle + [client, server] { await peer.close() }
        }
        await upstream.stop()
    }

    @Test func `a trouble that goes on is one spell`() {
        var spell = TroubleSpell(calm: .seconds(30))
        let begin = NIODeadline.uptimeNanoseconds(1)
        let first = spell.happened(at: begin)
        let others = (1...100 as ClosedRange<Int64>).filter { spell.happened(at: begin + .seconds($0 * 20)) }
        let last = spell.happened(at: begin + .seconds(2040))
        #expect(first && others.isEmpty && last)
    }

    @Test func `the limit of open files is raised, and never beyond what was said`() async {
        await #expect(processExitsWith: .success) {
            CrowdTests.limitFiles(to: 50)
            #expect(OpenFileLimit.current == 50)
            #expect(OpenFileLimit.raise(upTo: 40) == 50)
            #expect(OpenFileLimit.raise(upTo: 90) == 90)
            #expect((OpenFileLimit.raise() ?? 0) > 90)
        }
    }

    @Test func `a listener that cannot accept rests, says so once, and goes on when it can`() async {
        await #expect(processExitsWith: .success) {
            // Tries without a look first, as where it is not this process that has too many files open.
            try await CrowdTests.withStarvedListener(isShort: { false }) { failures, log in
                #expect(CrowdTests.blocks(until: { failures.withLockedValue { $0.count } >= 5 }))
                // 20, 40, 80 and 160 ms lie between five of them.
                let times = failures.withLockedValue { $0 }
                #expect(times[4] - times[0] >= .milliseconds(250))
                #expect(log.lines.count == 1, "\(log.lines)")
            }
        }
    }

    @Test func `a listener without files left does not try to accept until there are some`() async {
        await #expect(processExitsWith: .success) {
            try await CrowdTests.withStarvedListener(isShort: { OpenFileLimit.isNearlyReached }) { failures, log in
                #expect(CrowdTests.blocks(until: { log.lines.count == 1 }))
                // One that tried at the end of each rest would have failed about five times.
                usleep(500_000)
                #expect(failures.withLockedValue { $0.count } == 1)
                #expect(log.lines.count == 1, "\(log.lines)")
            }
        }
    }

    /// Runs `body` while eight clients knock and there is no file for any of them; then checks that all are accepted.
    ///
    /// Without any file the runtime of tasks may trap when a task is queued, so `body` waits as a thread does.
    private static func withStarvedListener(
        isShort: @escaping @Sendable () -> Bool, _ body: (NIOLockedValueBox<[NIODeadline]>, LogStore) -> Void
    ) async throws {
        let failures = NIOLockedValueBox<[NIODeadline]>([])
        let accepted = NIOLockedValueBox(0)
        let log = LogStore()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(FailureRecorder(times: failures))
                    try pipeline.addHandler(AcceptBackoff(logger: log.logger(at: .warning), isShort: isShort))
                }
            }
            .childChannelInitializer { channel in
                accepted.withLockedValue { $0 += 1 }
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = UInt16(server.localAddress?.port ?? 0)
        let clients = Self.sockets(8)
        Self.limitFiles(to: (clients.max() ?? 0) + 1)
        for client in clients { #expect(Self.connect(client, port)) }
        body(failures, log)
        Self.limitFiles(to: 500)
        // The connections that waited are accepted: the handler behind sees them.
        #expect(Self.blocks(until: { accepted.withLockedValue { $0 } >= clients.count }))
        try await server.close()
    }

    @Test func `clients that found no room are served when others have gone`() async {
        await #expect(processExitsWith: .success) {
            let log = LogStore()
            try await withGateway(policy: CrowdTests.refusing, logger: log.logger(at: .warning)) { _, address in
                let clients = CrowdTests.sockets(40)
                // So that there are about twenty left, of which the gateway needs one for each client.
                CrowdTests.limitFiles(to: (clients.max() ?? 0) + 21)
                for client in clients { #expect(CrowdTests.connect(client, UInt16(address.port))) }
                // As long as they say nothing none of them goes, so that some have to wait.
                #expect(CrowdTests.blocks(until: { log.lines.count == 1 }), "\(log.lines)")
                var request = [UInt8](Packets.startup(["user", "ada"]).readableBytesView)
                request += Packets.password("x").readableBytesView
                for client in clients {
                    #expect(send(client, request, request.count, Int32(MSG_NOSIGNAL)) == request.count)
                }
                // Refused ones go and make room for the next.
                for client in clients {
                    let answer = CrowdTests.readToEnd(client)
                    #expect(answer.first == UInt8(ascii: "R"))
                    #expect(String(decoding: answer, as: UTF8.self).contains("28P01"))
                    close(client)
                }
                #expect(log.lines.count == 1, "\(log.lines)")
                CrowdTests.limitFiles(to: 500)
            }
        }
    }

    @Test func `a crowd does not take the last files, which the process needs itself`() async {
        await #expect(processExitsWith: .success) {
            let log = LogStore()
            try await withGateway(policy: CrowdTests.refusing, logger: log.logger(at: .warning)) { _, address in
                let clients = CrowdTests.sockets(100)
                CrowdTests.limitFiles(to: (clients.max() ?? 0) + 41)
                for client in clients { #expect(CrowdTests.connect(client, UInt16(address.port))) }
                // With work queued, the runtime opens a file each second to see which of its threads run.
                await withDiscardingTaskGroup { tasks in
                    for _ in 0..<8 {
                        tasks.addTask {
                            let end = ContinuousClock.now + .seconds(4)
                            while ContinuousClock.now < end {
                                await Task.yield()
                                let file = CrowdTests.sockets(1)[0]
                                guard file >= 0 else {
                                    Issue.record("no file was left for the process itself")
                                    return
                                }
                                close(file)
                            }
                        }
                    }
                }
                #expect(log.lines.count == 1, "\(log.lines)")
                for client in clients { close(client) }
                let (client, messages) = try await TestPeer.login(to: address)
                #expect(messages.last?.sqlState == "28P01")
                await client.close()
            }
        }
    }

    // MARK: The system's calls

    static func limitFiles(to count: Int32) {
        var limits = rlimit()
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        getrlimit(resource, &limits)
        limits.rlim_cur = rlim_t(count)
        #expect(setrlimit(resource, &limits) == 0)
    }

    static func sockets(_ count: Int) -> [Int32] {
        #if canImport(Glibc)
        (0..<count).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        #else
        (0..<count).map { _ in socket(AF_INET, SOCK_STREAM, 0) }
        #endif
    }

    static func connect(_ descriptor: Int32, _ port: UInt16) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                #if canImport(Glibc)
                Glibc.connect(descriptor, $0, length) == 0
                #else
                Darwin.connect(descriptor, $0, length) == 0
                #endif
            }
        }
    }

    /// Waits as a thread does, for at most a minute; says whether it has come about.
    static func blocks(until condition: () -> Bool) -> Bool {
        let end = ContinuousClock.now + .seconds(60)
        while !condition() {
            guard ContinuousClock.now < end else { return false }
            usleep(2000)
        }
        return true
    }

    static func readToEnd(_ descriptor: Int32) -> [UInt8] {
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return all }
            all += chunk.prefix(count)
        }
    }
}

/// Notes when something failed.
private final class FailureRecorder: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let times: NIOLockedValueBox<[NIODeadline]>

    init(times: NIOLockedValueBox<[NIODeadline]>) { self.times = times }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.times.withLockedValue { $0.append(.now()) }
        context.fireErrorCaught(error)
    }
}
