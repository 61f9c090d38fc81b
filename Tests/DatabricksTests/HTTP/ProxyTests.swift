//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Testing

@testable import Databricks

@Suite("Proxies of the environment", .timeLimit(.minutes(1)))
struct ProxyTests {
    @Test(
        arguments: [
            ([:], "https://h.example.com", nil),
            (["HTTPS_PROXY": "http://p:3128"], "https://h.example.com", "http://p:3128 HTTPS_PROXY"),
            (["HTTPS_PROXY": "http://p:3128"], "http://h.example.com", nil),
            (["https_proxy": "http://small", "HTTPS_PROXY": "http://big"], "https://h", "http://small:80 https_proxy"),
            (["HTTP_PROXY": "p:3128"], "http://h.example.com", "http://p:3128 HTTP_PROXY"),
            (["HTTP_PROXY": "p:3128", "REQUEST_METHOD": "GET"], "http://h.example.com", nil),
            (["http_proxy": "p:3128", "REQUEST_METHOD": "GET"], "http://h", "http://p:3128 http_proxy"),
            (["ALL_PROXY": "socks5://s"], "https://h.example.com", "socks5://s:1080 ALL_PROXY"),
            (["ALL_PROXY": "http://a", "HTTPS_PROXY": "http://b"], "https://h", "http://b:80 HTTPS_PROXY"),
            (["HTTPS_PROXY": " "], "https://h.example.com", nil),
            (["HTTPS_PROXY": "http://u:secret@p:1"], "https://h", "http://p:1 HTTPS_PROXY"),
            (["HTTPS_PROXY": "http://[::1]:8"], "https://h", "http://::1:8 HTTPS_PROXY"),
        ] as [([String: String], String, String?)]
    )
    func `proxy for an address`(environment: [String: String], url: String, proxy: String?) throws {
        let server = try ProxySettings(environment: environment).server(for: url)
        #expect(server.map { "\($0.address) \($0.variable)" } == proxy)
        #expect(!"\(String(describing: server))".contains("secret"))
    }

    @Test(
        arguments: [
            ("h.example.com", "https://h.example.com", true), ("example.com", "https://h.example.com", true),
            (".example.com", "https://h.example.com", true), ("*.example.com", "https://h.example.com", true),
            ("ample.com", "https://h.example.com", false), ("H.Example.COM", "https://h.example.com", true),
            ("a, b h.example.com", "https://h.example.com", true), ("*", "https://h.example.com", true),
            ("h.example.com:443", "https://h.example.com", true), ("h.example.com:80", "https://h.example.com", false),
            ("h.example.com:8443", "https://h.example.com:8443", true), ("10.0.0.0/8", "https://10.2.3.4", true),
            ("10.0.0.0/8", "https://11.2.3.4", false), ("0.0.0.0/0", "https://11.2.3.4", true),
            ("10.0.0.0/99", "https://10.2.3.4", false), ("3.4", "https://1.2.3.4", false),
            ("10.2.3.4", "https://10.2.3.4", true), ("[fd00::1]", "https://[fd00::1]", true),
            ("[fd00::1]:443", "https://[fd00::1]", true), ("fd00::1", "https://[fd00::1]:8443", true),
            ("", "https://localhost:1", true), ("", "http://127.0.0.1:1", true), ("", "http://127.9.9.9", true),
            ("", "http://[::1]:1", true), ("", "https://x.localhost", true),
            ("", "https://localhost.example.com", false),
            (",,/,:,[", "https://h.example.com", false),
        ]
    )
    func `what goes directly`(list: String, url: String, isDirect: Bool) throws {
        let settings = ProxySettings(environment: ["ALL_PROXY": "http://p", "no_proxy": list])
        #expect(try (settings.server(for: url) == nil) == isDirect)
    }

    @Test(arguments: ["https://p", "ftp://p", "http://", "http://p:99999", "::::", "http://canary:canary@:1"])
    func `what is no proxy is an error that names the variable, not its value`(value: String) {
        let error = #expect(throws: DatabricksError.self) {
            try ProxySettings(environment: ["HTTPS_PROXY": value]).server(for: "https://h")
        }
        #expect(error?.code == .invalidConfiguration && error?.message.contains("HTTPS_PROXY") == true)
        #expect(error?.message.contains("canary") == false)
    }

    private func client(_ url: String, _ environment: [String: String]) -> WorkspaceClient {
        WorkspaceClient(
            configuration: .pat(url), transport: AsyncHTTPClientTransport(environment: environment),
            retryPolicy: RetryPolicy(pauseBase: .milliseconds(10), maximumAttempts: 2),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    @Test func `request goes through a tunnel, with user and password for the proxy alone`() async throws {
        let body = #"{"userName":"me"}"#
        let tunnel = "HTTP/1.1 200 Connection established\r\n\r\n"
        let answer =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        try await RawServer.with({ $0 == 1 ? .bytes(tunnel) : .bytes(answer) }) { proxy in
            let address = proxy.url.replacing("http://", with: "http://user:pass%40word@")
            let client = self.client("http://workspace.example.com", ["HTTP_PROXY": address])
            let me = try await client.currentUser.me()
            #expect(me.userName == "me")
            let heads = proxy.heads.map { $0.lowercased() }
            try #require(heads.count == 2)
            let basic = "proxy-authorization: basic \(Data("user:pass@word".utf8).base64EncodedString())".lowercased()
            #expect(heads[0].hasPrefix("connect workspace.example.com:80 ") && heads[0].contains(basic))
            #expect(heads[1].hasPrefix("get /api/2.0/preview/scim/v2/me ") && !heads[1].contains("proxy-auth"))
            #expect(!heads[0].contains("dapi-1") && heads[1].contains("authorization: bearer dapi-1"))
        }
    }

    @Test func `https request asks the proxy for a tunnel, and a proxy that refuses is named`() async throws {
        let cases: [(answer: String, requests: Int, words: String)] = [
            ("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", 1, "Proxy authentication"),
            ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", 2, "(after 2 attempts)"),
        ]
        for (answer, requests, words) in cases {
            try await RawServer.with({ _ in .bytesThenClose(answer) }) { proxy in
                let client = self.client("https://workspace.example.com", ["HTTPS_PROXY": proxy.url])
                let error = await #expect(throws: DatabricksError.self) { try await client.currentUser.me() }
                #expect(error?.code == .connectionFailed)
                #expect(
                    error?.message.contains(
                        "no connection to https://workspace.example.com through the proxy \(proxy.url) (from HTTPS_PROXY)"
                    ) == true,
                    "\(String(describing: error))")
                #expect(error?.message.contains(words) == true, "\(String(describing: error))")
                #expect(proxy.requests == requests)
                #expect(proxy.heads.first?.hasPrefix("CONNECT workspace.example.com:443 ") == true)
                #expect(proxy.heads.first?.contains("dapi") == false)
            }
        }
    }
}
