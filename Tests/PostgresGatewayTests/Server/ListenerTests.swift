//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOCore
import Secrets
import TestSupport
import Testing

@testable import PostgresGateway

struct ListenerTests {
    @Test func `listeners come and go while the gateway runs, and the policy knows which one it was`() async throws {
        let policy = ClosurePolicy { login throws(LoginRejection) in
            throw LoginRejection(sqlState: "28P01", message: "via \(login.localAddress)")
        }
        try await withGateway(policy: policy) { gateway, first in
            let second = try await gateway.addListener(host: "127.0.0.1", port: 0)
            #expect(second != first)
            for address in [first, second] {
                let (client, messages) = try await TestPeer.login(to: address)
                #expect(messages.last?.fields["M"] == "via \(address)")
                await client.close()
            }
            await gateway.removeListener(second)
            // Another test may be given the number, and listen there for a while.
            let isClosed = await becomesTrue {
                guard let other = try? await TestPeer.connect(to: second) else { return true }
                await other.close()
                return false
            }
            #expect(isClosed)
            let (client, messages) = try await TestPeer.login(to: first)
            #expect(messages.last?.sqlState == "28P01")
            await client.close()
        }
    }

    @Test func `a port that is taken is named with the remedy`() async throws {
        let policy = ClosurePolicy.token(.unixSocket(path: "/x"))
        try await withGateway(policy: policy) { gateway, address in
            let error = await #expect(throws: GatewayError.self) {
                try await gateway.addListener(host: address.host, port: address.port)
            }
            #expect(error?.code == .bindFailed)
            #expect(error?.message.contains("\(address)") == true)
            #expect(error?.message.contains("choose another port") == true)
        }
    }

    @Test func `a gateway runs once`() async throws {
        let policy = ClosurePolicy.token(.unixSocket(path: "/x"))
        try await withGateway(policy: policy) { gateway, _ in
            let error = await #expect(throws: GatewayError.self) { try await gateway.run() }
            #expect(error?.code == .alreadyRunning)
        }
    }

    @Test func `a gateway that cannot bind says so to those who wait for its address`() async throws {
        let policy = ClosurePolicy.token(.unixSocket(path: "/x"))
        try await withGateway(policy: policy) { _, taken in
            let other = PostgresGateway(
                configuration: GatewayConfiguration(host: taken.host, port: taken.port, tls: nil),
                policy: policy,
                logger: Logger(label: "test")
            )
            async let address = other.boundAddress()
            let error = await #expect(throws: GatewayError.self) { try await other.run() }
            #expect(error?.code == .bindFailed)
            do {
                _ = try await address
                Issue.record("there is no address")
            } catch {
                #expect((error as? GatewayError)?.code == .bindFailed)
            }
        }
    }

    @Test func `waiting for an address ends with the waiting task`() async throws {
        let gateway = PostgresGateway(
            configuration: GatewayConfiguration(port: 0, tls: nil),
            policy: ClosurePolicy.token(.unixSocket(path: "/x")),
            logger: Logger(label: "test")
        )
        let error = await withTaskGroup(of: GatewayError?.self) { group in
            group.addTask {
                do throws(GatewayError) {
                    _ = try await gateway.boundAddress()
                    return nil
                } catch {
                    return error
                }
            }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(error?.code == .notRunning)
    }
}
