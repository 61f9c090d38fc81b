//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Hummingbird
import HummingbirdTesting
import Logging
import Testing

@testable import LakebaseStarter

@Suite("The page", .serialized)
struct AppTests {
    @Test func `a message that is sent is on the page`() async throws {
        try await LocalDatabase.withClient { lakebase in
            let app = buildApplication(
                lakebase: lakebase, address: .hostname("127.0.0.1", port: 0), logger: Logger(label: "test"))
            try await app.test(.router) { client in
                try await client.execute(uri: "/health", method: .get) { response in
                    #expect(response.status == .ok)
                }
                let form = "text=Hello+%3Cb%3Eworld%3C%2Fb%3E"
                let headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
                try await client.execute(uri: "/", method: .post, headers: headers, body: ByteBuffer(string: form)) {
                    response in
                    #expect(response.status == .seeOther)
                }
                try await client.execute(uri: "/", method: .get) { response in
                    #expect(String(buffer: response.body).contains("<li>Hello &lt;b&gt;world&lt;/b&gt;</li>"))
                }
            }
        }
    }

    @Test func `an empty message is refused, and nothing is kept`() async throws {
        try await LocalDatabase.withClient { lakebase in
            let app = buildApplication(
                lakebase: lakebase, address: .hostname("127.0.0.1", port: 0), logger: Logger(label: "test"))
            try await app.test(.router) { client in
                let headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
                try await client.execute(
                    uri: "/", method: .post, headers: headers, body: ByteBuffer(string: "text=+++")
                ) { response in
                    #expect(response.status == .unprocessableContent)
                    #expect(!String(buffer: response.body).contains("<li>"))
                }
            }
        }
    }
}
