//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncHTTPClient
import Foundation
import NIOCore
import Secrets
import Synchronization
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

/// Logins by browser over a socket.
extension WholeLakebaseTests {
    @Suite("Login page", .serialized) struct LoginPageTests {
        private static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        private static let query = AuthorizationRequestTests.good.map { "\($0)=\($1)" }.joined(separator: "&")
            .replacing(" ", with: "%20")

        /// Takes the ticket out of the page.
        private func ticket(_ page: Fixture.Answer) throws -> String {
            let text = String(decoding: page.body, as: UTF8.self)
            return String(try #require(text.firstMatch(of: /name="ticket" value="([^"]+)"/)).1)
        }

        /// Reads the code, as only the owner can.
        private func code(_ fixture: Fixture) throws -> String {
            let file = fixture.ready.dataDirectory + "/secrets/login-code"
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            return try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        }

        private func post(_ fixture: Fixture, _ form: String, path: String = "/oidc/v1/token") async throws
            -> Fixture.Answer
        {
            try await fixture.http("POST", path, body: form)
        }

        @Test func `page has a button for the developer, whose code gives a token, and that the next ones`()
            async throws
        {
            try await Fixture.with { fixture in
                let developer = fixture.ready.developer.userName
                let page = try await fixture.http("GET", "/oidc/v1/authorize?" + Self.query)
                #expect(page.status == 200 && page.headers["x-frame-options"] == "DENY")
                #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
                // With no-referrer browsers send "Origin: null", which the gate refuses.
                #expect(page.headers["referrer-policy"] == "same-origin")
                #expect(
                    String(decoding: page.body, as: UTF8.self).contains("<button name=\"user\" value=\"\(developer)\">")
                )
                let answer = "ticket=\(try self.ticket(page))&code=\(try self.code(fixture))&user=\(developer)"
                let back = try await self.post(fixture, answer, path: "/oidc/v1/authorize")
                #expect(back.status == 303)
                let location = try #require(back.headers["location"])
                let code = String(
                    try #require(location.firstMatch(of: /^http:\/\/localhost:8020\/\?code=([0-9a-f]{64})&state=s$/)).1)
                #expect(try await self.post(fixture, answer, path: "/oidc/v1/authorize").status == 400)

                let form =
                    "grant_type=authorization_code&client_id=databricks-cli&redirect_uri=http://localhost:8020&code=\(code)&code_verifier="
                let first = try await self.post(fixture, form + Self.verifier)
                #expect(first.status == 200 && first.headers["cache-control"] == "no-store")
                let token = Secret(try #require(first["access_token"]))
                let me = try await fixture.http("GET", "/api/2.0/preview/scim/v2/Me", token: token)
                #expect(me["userName"] == developer)

                let refresh = "grant_type=refresh_token&client_id=databricks-cli&refresh_token="
                let second = try await self.post(fixture, refresh + (try #require(first["refresh_token"])))
                let third = try await self.post(fixture, refresh + (try #require(second["refresh_token"])))
                #expect(second.status == 200 && third.status == 200)
                #expect(Set([first, second, third].map { $0["refresh_token"] }).count == 3)
                let stolen = try await self.post(fixture, refresh + (first["refresh_token"] ?? ""))
                #expect(stolen.status == 400 && stolen["error"] == "invalid_grant")
                let ended = try await self.post(fixture, refresh + (third["refresh_token"] ?? ""))
                #expect(ended.status == 400 && ended["error_description"] == "Refresh token is invalid")
            }
        }

        @Test func `page and its ticket without the code let nobody in, and a code counts once`() async throws {
            try await Fixture.with { fixture in
                let developer = fixture.ready.developer.userName
                func open() async throws -> String {
                    try self.ticket(try await fixture.http("GET", "/oidc/v1/authorize?" + Self.query))
                }
                let first = try self.code(fixture)
                for code in ["", "&code=", "&code=AAAA-AAAA", "&code=\(first.dropLast())", "&code=dapi00"] {
                    let answer = try await self.post(
                        fixture, "ticket=\(try await open())&user=\(developer)\(code)", path: "/oidc/v1/authorize")
                    #expect(answer.status == 403 && answer.headers["location"] == nil, "\(code)")
                }
                // Others try on, and open more pages than anyone would: they are told to wait, and nothing changes for the owner.
                let mine = try await open()
                let deadline = ContinuousClock.now + .seconds(60)
                var early: Fixture.Answer
                repeat {
                    early = try await self.post(
                        fixture, "ticket=\(mine)&user=\(developer)&code=AAAA-AAAA-AAAA", path: "/oidc/v1/authorize")
                } while early.status == 403 && ContinuousClock.now < deadline
                #expect(early.status == 429 && early.headers["retry-after"] != nil)
                #expect(early.headers["location"] == nil)
                for _ in 0..<1_100 { _ = try await open() }
                #expect(try self.code(fixture) == first)
                let right = "ticket=\(mine)&user=\(developer)&code=\(first)"
                #expect(try await self.post(fixture, right, path: "/oidc/v1/authorize").status == 303)
                #expect(try self.code(fixture) != first)
                let again = "ticket=\(try await open())&user=\(developer)&code=\(first)"
                #expect(try await self.post(fixture, again, path: "/oidc/v1/authorize").headers["location"] == nil)
                // The developer's token needs no code, whatever others try.
                let token = fixture.ready.developer.credential.withUnsafeValue { $0 }
                let answer = "ticket=\(try await open())&user=\(developer)&code=\(token)"
                #expect(try await self.post(fixture, answer, path: "/oidc/v1/authorize").status == 303)
                // The ticket is spent with it.
                #expect(try await self.post(fixture, answer, path: "/oidc/v1/authorize").status == 400)
            }
        }

        @Test func `the owner is told of a page, with the code that is good then`() async throws {
            let notices = Mutex<[LoginNotice]>([])
            var configuration = LocalLakebaseConfiguration()
            configuration.announceLogin = { notice in notices.withLock { $0.append(notice) } }
            try await Fixture.with(configuration) { fixture in
                for _ in 0..<3 { _ = try await fixture.http("GET", "/oidc/v1/authorize?" + Self.query) }
                let told = notices.withLock { $0 }
                // Once: a program that opens many pages does not fill the terminal.
                #expect(told.count == 1 && told.first?.file == fixture.ready.dataDirectory + "/secrets/login-code")
                #expect(told.first?.code == Secret(try self.code(fixture)))
                let page = try await fixture.http("GET", "/oidc/v1/authorize?" + Self.query)
                let text = String(decoding: page.body, as: UTF8.self)
                #expect(text.contains("/secrets/login-code"))
                #expect(!text.contains(try self.code(fixture)))
            }
        }

        @Test func `logins are approved beforehand on this machine only`() {
            for host in [
                "0.0.0.0", "192.168.1.7", "::", "example.com", "127.evil.example.com", "localhost.example.com",
            ] {
                #expect(throws: LocalLakebaseError.self) {
                    try LocalLakebaseConfiguration(listenHost: host, approvesLogins: true).validate()
                }
            }
            for host in ["127.0.0.1", "localhost", "::1", "127.3.2.1"] {
                #expect(throws: Never.self) {
                    try LocalLakebaseConfiguration(listenHost: host, approvesLogins: true).validate()
                }
            }
        }

        @Test func `wrong proof gets nothing, and the code is spent`() async throws {
            try await Fixture.with(LocalLakebaseConfiguration(approvesLogins: true)) { fixture in
                let back = try await fixture.http("GET", "/oidc/v1/authorize?" + Self.query)
                let code = String(try #require(back.headers["location"]?.firstMatch(of: /code=([0-9a-f]+)/)).1)
                let form =
                    "grant_type=authorization_code&client_id=databricks-cli&redirect_uri=http://localhost:8020&code=\(code)&code_verifier="
                for verifier in [String(repeating: "x", count: 43), Self.verifier] {
                    let answer = try await self.post(fixture, form + verifier)
                    #expect(answer.status == 400 && answer["error"] == "invalid_grant")
                }
                for (fields, status, error) in [
                    ("grant_type=authorization_code&client_id=databricks-cli", 400, "invalid_request"),
                    ("grant_type=refresh_token&client_id=databricks-cli", 400, "invalid_request"),
                    ("grant_type=refresh_token&refresh_token=x&client_id=other", 401, "invalid_client"),
                    ("grant_type=password", 400, "unsupported_grant_type"), ("", 400, "invalid_request"),
                ] {
                    let answer = try await self.post(fixture, fields)
                    #expect(answer.status == status && answer["error"] == error, "\(fields)")
                }
            }
        }

        @Test func `refusal on the page, wrong requests and unsafe ways back`() async throws {
            try await Fixture.with { fixture in
                let page = try await fixture.http("GET", "/oidc/v1/authorize?" + Self.query)
                let refused = try await self.post(
                    fixture, "user=&ticket=\(try self.ticket(page))", path: "/oidc/v1/authorize")
                #expect(refused.headers["location"]?.hasPrefix("http://localhost:8020/?error=access_denied&") == true)
                let scope = try await fixture.http(
                    "GET", "/oidc/v1/authorize?" + Self.query.replacing("all-apis", with: "sql"))
                #expect(scope.headers["location"]?.hasPrefix("http://localhost:8020/?error=invalid_scope&") == true)
                let unsafe = try await fixture.http(
                    "GET", "/oidc/v1/authorize?" + Self.query.replacing("localhost", with: "example.com"))
                #expect(unsafe.status == 400 && unsafe.headers["location"] == nil)
                #expect(try await fixture.http("PUT", "/oidc/v1/authorize").status == 405)
            }
        }

        @Test func `login outlives a restart, and its tokens are nowhere in the folder`() async throws {
            let folder = try PrivateFile.makeTemporaryDirectory(NSTemporaryDirectory() + "/lakebase-test.XXXXXX")
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try PrivateFile.setMode(folder, 0o755)
            let configuration = LocalLakebaseConfiguration(dataDirectory: folder + "/data", approvesLogins: true)
            let refresh = "grant_type=refresh_token&client_id=databricks-cli&refresh_token="
            let token = try await Fixture.with(configuration) { fixture in
                let back = try await fixture.http("GET", "/oidc/v1/authorize?" + Self.query)
                let code = String(try #require(back.headers["location"]?.firstMatch(of: /code=([0-9a-f]+)/)).1)
                let answer = try await self.post(
                    fixture,
                    "grant_type=authorization_code&client_id=databricks-cli&redirect_uri=http://localhost:8020&code=\(code)&code_verifier=\(Self.verifier)"
                )
                return try #require(answer["refresh_token"])
            }
            let kept = ["resources.db", "resources.db-wal"].reduce(into: Data()) { all, name in
                all += FileManager.default.contents(atPath: "\(folder)/data/\(name)") ?? Data()
            }
            #expect(kept.firstRange(of: Data("logins".utf8)) != nil)
            #expect(kept.firstRange(of: Data(token.utf8)) == nil)
            try await Fixture.with(configuration) { fixture in
                let again = try await self.post(fixture, refresh + token)
                #expect(again.status == 200)
            }
        }
    }
}
