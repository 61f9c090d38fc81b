//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import LakebaseLocal

/// The addresses of apps are held to the same limits as the workspace's.
extension WholeLakebaseTests {
    @Suite("Connections to apps", .serialized) struct AppGuardTests {
        @Test func `old clients get no chunks, heads that are none an answer, and bodies are asked for`() async throws {
            try await AppFixture.with { fixture in
                _ = try await fixture.create(.init(name: "notes"))
                try await fixture.deploy(AppVisitTests.files)
                let url = try #require(try await fixture.client.apps.get("notes").url)
                let port = try #require(URL(string: url)?.port)
                func ask(_ request: String, until fits: @Sendable (String) -> Bool = { _ in false }) async throws
                    -> String
                {
                    let connection = try RawHTTP(port: port)
                    connection.send(request)
                    return await connection.read(until: fits).text
                }

                let old = try await ask("GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n") {
                    $0.contains("data: first")
                }
                #expect(old.hasPrefix("HTTP/1.0 200"), "\(old)")
                #expect(!old.lowercased().contains("transfer-encoding"))
                #expect(old.hasSuffix("\r\n\r\ndata: first\n\n"), "\(old)")
                let new = try await ask("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n") {
                    $0.contains("data: first")
                }
                #expect(
                    new.hasPrefix("HTTP/1.1 200") && new.lowercased().contains("transfer-encoding: chunked"), "\(new)")

                for request in [
                    "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
                    "POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    "nothing\r\n\r\n",
                ] {
                    let answer = try await ask(request)
                    #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(request): \(answer)")
                }
                let asked = try await ask(
                    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
                ) { $0.contains("\r\n\r\n") }
                #expect(asked.hasPrefix("HTTP/1.1 100 Continue\r\n\r\n"), "\(asked)")
                let foreign = try await ask("GET / HTTP/1.1\r\nHost: evil.example.com\r\nConnection: close\r\n\r\n")
                #expect(foreign.hasPrefix("HTTP/1.1 421 "), "\(foreign)")
            }
        }
    }
}
