//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// Goes through a login page as a person would, one step at a time.
enum HeadlessBrowser {
    /// What came of it: the code in the address the browser was sent to, and the page that it ended on.
    struct Visit {
        var code: String
        var page: String
    }

    private static let client = HTTPClient(
        eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))

    /// Opens the page of a login; where it asks, types the code and presses the button of that user.
    static func logIn(_ address: String, as user: String) async throws -> Visit {
        var (location, text) = try await self.fetch(HTTPClientRequest(url: address))
        if location == nil {
            let ticket = try #require(text.firstMatch(of: /name="ticket" value="([^"]+)"/)).1
            #expect(text.contains("<button name=\"user\" value=\"\(user)\">"))
            // Where the page says that it is; only the owner may read that file.
            let file = try #require(text.firstMatch(of: /in the file <code>([^<]+)<\/code>/)).1
            let code = try String(contentsOfFile: String(file), encoding: .utf8).filter { !$0.isWhitespace }
            var press = HTTPClientRequest(url: String(address.prefix { $0 != "?" }))
            press.method = .POST
            press.body = .bytes(ByteBuffer(string: "ticket=\(ticket)&code=\(code)&user=\(user)"))
            (location, text) = try await self.fetch(press)
        }
        let back = try #require(location, "\(text)")
        let code = try #require(back.firstMatch(of: /[?&]code=([^&]+)/)).1
        return Visit(code: String(code), page: try await self.fetch(HTTPClientRequest(url: back)).text)
    }

    /// Sends a form, whatever the answer.
    static func post(_ address: String, form: String) async throws -> (status: UInt, text: String) {
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: form))
        let answer = try await self.client.execute(request, timeout: .seconds(60))
        return (answer.status.code, String(buffer: try await answer.body.collect(upTo: 1 << 20)))
    }

    private static func fetch(_ request: HTTPClientRequest) async throws -> (location: String?, text: String) {
        let answer = try await self.client.execute(request, timeout: .seconds(60))
        let body = try await answer.body.collect(upTo: 1 << 20)
        return (answer.headers.first(name: "Location"), String(buffer: body))
    }
}
