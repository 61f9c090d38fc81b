//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOHTTP1
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

@Suite("Gate of the HTTP service") struct RequestGateTests {
    private func status(
        _ headers: [(String, String)], uri: String = "/", version: HTTPVersion = .http1_1, listen: String = "127.0.0.1"
    ) -> Int? {
        let head = HTTPRequestHead(version: version, method: .GET, uri: uri, headers: HTTPHeaders(headers))
        return RequestGate(listenHost: listen).refusal(of: head)?.status
    }

    @Test(arguments: [
        "localhost", "localhost:1", "LOCALHOST:8080", "127.0.0.1:65535", "127.1.2.3", "[::1]", "[::1]:80",
        "notes.localhost:9",
    ]) func `names that only this machine has are answered`(host: String) {
        #expect(self.status([("Host", host)]) == nil)
    }

    @Test(arguments: [
        "evil.example.com", "evil.example.com:8080", "localhost.evil.example.com", "127.0.0.1.evil.example.com",
        "127.evil", "127.1",
        "evillocalhost", "8.8.8.8", "0.0.0.0", "[::2]", "[::ffff:127.0.0.1]", "lo\u{212A}alhost",
    ]) func `names that others can point here are not`(host: String) {
        let expected = host.utf8.allSatisfy { $0 < 0x80 } ? 421 : 400
        #expect(self.status([("Host", host)]) == expected)
        #expect(self.status([("Host", host)], uri: "/oidc/v1/authorize") == expected)
    }

    @Test func `over TLS the own origin and the form for proxies begin with https`() {
        for (isSecure, own, other) in [(true, "https", "http"), (false, "http", "https")] {
            func status(_ origin: String, uri: String = "/") -> Int? {
                let head = HTTPRequestHead(
                    version: .http1_1, method: .GET, uri: uri,
                    headers: ["Host": "localhost:1", "Origin": "\(origin)://localhost:1"])
                return RequestGate(listenHost: "127.0.0.1").refusal(of: head, isSecure: isSecure)?.status
            }
            #expect(status(own) == nil && status(other) == 403)
            #expect(status(own, uri: "\(own)://localhost:1/x") == nil)
            #expect(status(own, uri: "\(other)://localhost:1/x") == 400)
        }
    }

    @Test func `one host that can be one is needed`() {
        #expect(self.status([]) == 400)
        #expect(self.status([], version: .http1_0) == 400)
        #expect(self.status([("Host", "localhost"), ("host", "localhost")]) == 400)
        for host in [
            "", " ", "a b", "a@localhost", "localhost:", "localhost:123456", "localhost:x", "localhost/", "[::1", "::1",
            "a,b",
        ] {
            let status = self.status([("Host", host)])
            // "localhost:" has an empty port, as RFC 3986 allows.
            #expect(status == (host == "localhost:" ? nil : 400), "\(host)")
        }
    }

    @Test func `the name that was given to listen on is one of its own, and beyond this machine every name is`() {
        #expect(self.status([("Host", "Dev.Example.com:1")], listen: "dev.example.com") == nil)
        #expect(self.status([("Host", "lakebase:8080")], listen: "0.0.0.0") == nil)
        #expect(
            self.status([("Host", "lakebase:8080"), ("Origin", "http://evil.example.com")], listen: "0.0.0.0") == 403)
    }

    @Test(arguments: [
        "http://evil.example.com", "null", "", "http://localhost:2", "https://localhost:1", "http://127.0.0.1:1",
        "http://localhost",
        "http://localhost:1/", "HTTP://LOCALHOST:1.evil.example.com",
    ]) func `pages of other origins are refused`(origin: String) {
        #expect(self.status([("Host", "localhost:1"), ("Origin", origin)]) == 403)
    }

    @Test func `the own pages are not, if they say it once`() {
        #expect(self.status([("Host", "localhost:1"), ("Origin", "http://localhost:1")]) == nil)
        let twice = [("Host", "localhost:1"), ("Origin", "http://localhost:1"), ("Origin", "http://evil.example.com")]
        #expect(self.status(twice) == 403)
    }

    @Test func `addresses have limits, and lead nowhere else`() {
        let host = [("Host", "localhost:1")]
        #expect(self.status(host, uri: "/" + String(repeating: "a", count: 9_000)) == 414)
        #expect(self.status(host, uri: "/?" + String(repeating: "a&", count: 200)) == 414)
        #expect(self.status(host, uri: "http://localhost:1/x") == nil)
        for uri in [
            "http://evil.example.com/x", "https://localhost:1/x", "x", "", "/a\u{1}b",
            "http://localhost:1.evil.example.com/",
        ] {
            #expect(self.status(host, uri: uri) == 400, "\(uri)")
        }
    }

    @Test func `expectations and framings that are not met are refused`() {
        let host = [("Host", "localhost")]
        #expect(self.status(host + [("Expect", "100-Continue")]) == nil)
        #expect(self.status(host + [("Expect", "200-maybe")]) == 417)
        #expect(self.status(host + [("Transfer-Encoding", "chunked")], version: .http1_0) == 400)
        #expect(self.status(host, version: .http2) == 505)
    }

    @Test func `loopback is what cannot leave the machine`() {
        for host in ["127.0.0.1", "localhost", "::1", "LocalHost", "127.255.255.254"] {
            #expect(LoopbackHost.isLoopback(listening: host))
        }
        for host in [
            "0.0.0.0", "::", "127.example.com", "127.0.0.1.example.com", "192.168.0.1", "", "localhost.example.com",
        ] {
            #expect(!LoopbackHost.isLoopback(listening: host), "\(host)")
        }
    }
}
