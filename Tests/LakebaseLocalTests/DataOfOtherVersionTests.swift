//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import TestSupport
import Testing

@testable import LakebaseLocal
@testable import LocalPostgres

@Suite("Data of a PostgreSQL that is gone") struct DataOfOtherVersionTests {
    @Test func `data of a version that is gone say how to go on, and stay`() async throws {
        let root = try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-versions.XXXXXX")
        defer { try? FileManager.default.removeItem(atPath: root) }
        var configuration = LocalLakebaseConfiguration()
        configuration.dataDirectory = root
        try await Fixture.with(configuration) {
            _ = try await $0.sql("CREATE TABLE kept (i int); INSERT INTO kept VALUES (7)")
        }
        let real = try await InstalledServers.find().newest
        let other = real.major == 18 ? "17.9" : "18.9"
        try await withServers([("other", other)]) { servers in
            configuration.postgresDirectories = [servers + "/other"]
            let error = await #expect(throws: LocalLakebaseError.self) {
                try await Fixture.with(configuration) { _ in }
            }
            #expect(error?.code == .postgresNotFound)
            #expect(error?.message.contains("data of PostgreSQL \(real.major)") == true, "\(error?.message ?? "")")
            #expect(error?.remedy?.contains("--postgres") == true)
            // With both named it goes on.
            configuration.postgresDirectories.append(real.binFolder)
            let kept = try await Fixture.with(configuration) { try await $0.sql("SELECT i FROM kept") }
            #expect(kept == "7")
        }
    }
}
