//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import TestSupport
import Testing

@testable import Lakebase

@Suite("Credentials without a pool", .timeLimit(.minutes(1)))
struct LakebaseCredentialsTests {
    private func credentials(
        _ workspace: StubWorkspace, _ target: LakebaseConfiguration.Target? = nil,
        options: LakebaseConfiguration.CredentialOptions = LakebaseConfiguration.CredentialOptions(),
        username: String? = "ann"
    ) throws -> LakebaseCredentials {
        let configuration = LakebaseConfiguration(
            target: target
                ?? .autoscaling(
                    endpoint: EnvironmentTests.endpoint, host: "ep-1.database.us-east-1.cloud.databricks.com"),
            username: username, credential: options)
        return try LakebaseCredentials(
            configuration: configuration, workspace: workspace.client, logger: LogStore().logger)
    }

    @Test func `life, claims and group reach the request for an endpoint`() async throws {
        let workspace = StubWorkspace()
        let options = LakebaseConfiguration.CredentialOptions(
            ttl: .seconds(600),
            claims: [.init(permissionSet: .readOnly, resources: [.init(tableName: "a.b.c")])], group: "analysts")
        let credential = try await self.credentials(workspace, options: options).current()
        #expect(credential.password == Secret("token-1") && credential.mintedAt != nil && credential.expiresAt != nil)
        let expected =
            #"{"endpoint":"\#(EnvironmentTests.endpoint)","ttl":"600s","group_name":"analysts","#
            + #""claims":[{"permission_set":"READ_ONLY","resources":[{"table_name":"a.b.c"}]}]}"#
        let sent = try JSONDecoder().decode(JSONValue.self, from: Data(try #require(workspace.bodies.first).utf8))
        #expect(sent == (try JSONDecoder().decode(JSONValue.self, from: Data(expected.utf8))))
    }

    @Test func `nothing is sent that nobody asked for`() async throws {
        let workspace = StubWorkspace()
        _ = try await self.credentials(workspace).current()
        let sent = try JSONDecoder().decode(JSONValue.self, from: Data(try #require(workspace.bodies.first).utf8))
        #expect(sent == .object(["endpoint": .string(EnvironmentTests.endpoint)]))
    }

    @Test func `claims reach the request for an instance`() async throws {
        let workspace = StubWorkspace()
        let target = LakebaseConfiguration.Target.provisioned(
            instance: "i", host: "instance-1.database.cloud.databricks.com")
        let options = LakebaseConfiguration.CredentialOptions(claims: [
            .init(permissionSet: .readOnly, resources: [.init(unspecifiedResourceName: "r")])
        ])
        _ = try await self.credentials(workspace, target, options: options).current()
        let body = try #require(workspace.bodies.first)
        let sent = try JSONDecoder().decode(Database.GenerateDatabaseCredentialRequest.self, from: Data(body.utf8))
        #expect(sent.instanceNames == ["i"])
        #expect(
            sent.claims == [.init(permissionSet: .readOnly, resources: [.init(unspecifiedResourceName: "r")])])
    }

    @Test func `who logs in for a group does so under its name, unless another is set`() async throws {
        let options = LakebaseConfiguration.CredentialOptions(group: "analysts")
        let group = try await self.credentials(StubWorkspace(), options: options, username: nil).driverParameters()
        #expect(group.username == "analysts")
        let named = try await self.credentials(StubWorkspace(), options: options).driverParameters()
        #expect(named.username == "ann")
    }

    @Test func `one password serves until it is refused`() async throws {
        let workspace = StubWorkspace()
        let credentials = try self.credentials(workspace)
        let first = try await credentials.current()
        #expect(try await credentials.current() == first)
        credentials.invalidate(first)
        let second = try await credentials.current()
        #expect(second.password == Secret("token-2"))
        credentials.invalidate(first)
        #expect(try await credentials.current() == second, "the older one is not the current one's fault")
        #expect(workspace.bodies.count == 2)
    }

    @Test func `rotations bring each password ahead of the end of the one before`() async throws {
        let workspace = StubWorkspace(lifetime: 15)
        let credentials = try self.credentials(workspace)
        var seen: [LakebaseCredentials.Credential] = []
        for await credential in credentials.rotations {
            if let last = seen.last?.expiresAt { #expect(Date() < last, "the old one still lives") }
            seen.append(credential)
            if seen.count == 2 { break }
        }
        #expect(seen.map(\.password) == ["token-1", "token-2"].map { Secret($0) })
        #expect(workspace.bodies.count == 2)
    }

    @Test func `a refused password brings the next one at once to all that iterate`() async throws {
        let workspace = StubWorkspace()
        let credentials = try self.credentials(workspace)
        var iterator = credentials.rotations.makeAsyncIterator()
        let first = try #require(await iterator.next())
        async let refusal: Void = {
            // Most likely while it waits; right at any other moment, too.
            try await Task.sleep(for: .milliseconds(20))
            credentials.invalidate(first)
        }()
        // Without the news it would come after a minute, past the limit of this test.
        let second = await iterator.next()
        try await refusal
        #expect(second?.password == Secret("token-2"))
    }

    @Test func `a mint that fails ends no rotation`() async throws {
        let workspace = StubWorkspace()
        workspace.fail(1)
        let credentials = try self.credentials(workspace)
        await #expect(throws: LakebaseError.self) { try await credentials.current() }
        var iterator = credentials.rotations.makeAsyncIterator()
        #expect(await iterator.next()?.password == Secret("token-2"))
    }

    @Test func `running keeps a password ready that nobody asks for`() async throws {
        let workspace = StubWorkspace(lifetime: 1)
        let credentials = try self.credentials(workspace)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await credentials.run() }
            #expect(await becomesTrue { workspace.bodies.count >= 3 }, "minted and renewed twice")
            group.cancelAll()
        }
        let minted = workspace.bodies.count
        #expect(try await credentials.current().password == Secret("token-\(minted)"))
    }

    @Test func `cancelling ends the wait for the next password`() async throws {
        let credentials = try self.credentials(StubWorkspace())
        let waiting = Task {
            var iterator = credentials.rotations.makeAsyncIterator()
            _ = await iterator.next()
            return await iterator.next()
        }
        waiting.cancel()
        #expect(await waiting.value == nil)
    }

    @Test func `a password of the database's own is passed on, and is all there is`() async throws {
        let configuration = try LakebaseConfiguration.fromEnvironment([
            "DATABASE_URL": "postgresql://ann:pw@db:6432/app"
        ])
        let credentials = try LakebaseCredentials(configuration: configuration, logger: LogStore().logger)
        let only = LakebaseCredentials.Credential(password: Secret("pw"))
        #expect(try await credentials.current() == only)
        credentials.invalidate(only)
        var all: [LakebaseCredentials.Credential] = []
        for await credential in credentials.rotations { all.append(credential) }
        #expect(all == [only])
        let parameters = try await credentials.driverParameters()
        #expect(parameters.host == "db" && parameters.port == 6432 && parameters.username == "ann")
        #expect(try await parameters.password() == Secret("pw"))
    }

    @Test func `nothing of it shows a password`() async throws {
        let credentials = try self.credentials(StubWorkspace())
        let current = try await credentials.current()
        let parameters = try await credentials.driverParameters()
        for value in [current, parameters] as [Any] {
            #expect(!everythingPrintable(of: value).contains("token-1"), "\(type(of: value))")
        }
        // Not walked through: reflection reads what a lock guards without taking it.
        for text in ["\(credentials)", String(reflecting: credentials), "\(credentials.rotations)"] {
            #expect(!text.contains("token-1"))
        }
    }
}
