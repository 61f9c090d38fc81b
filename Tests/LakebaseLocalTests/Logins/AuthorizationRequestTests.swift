//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseLocal

@Suite("Requests for a login") struct AuthorizationRequestTests {
    static let good = [
        "response_type": "code", "client_id": "databricks-cli", "redirect_uri": "http://localhost:8020",
        "scope": "all-apis offline_access", "state": "s", "code_challenge_method": "S256",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    ]

    @Test func `good request is read`() {
        let request = AuthorizationRequest(
            clientID: "databricks-cli", redirect: "http://localhost:8020", scopes: ["all-apis", "offline_access"],
            state: "s", challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        #expect(AuthorizationRequest.read(Self.good) == .request(request))
    }

    @Test(arguments: [
        ("client_id", "another"), ("redirect_uri", "https://evil.example.com"),
        ("redirect_uri", "http://localhost.evil.example.com"), ("redirect_uri", "http://localhost@evil.example.com"),
        ("redirect_uri", "http://127.0.0.1:8020@evil.example.com/"), ("redirect_uri", "http://localhost:0"),
        ("redirect_uri", "http://localhost:99999"), ("redirect_uri", "http://localhost:8020/#part"),
        ("redirect_uri", "http://localhost:8020/\r\nX: y"), ("redirect_uri", "http://localhost\\@evil.example.com"),
        ("redirect_uri", ""), ("redirect_uri", "javascript:alert(1)"),
    ])
    func `browser is sent nowhere when the program or the way back is not safe`(name: String, value: String) {
        var fields = Self.good
        fields[name] = value
        guard case .unsafe = AuthorizationRequest.read(fields) else {
            Issue.record("\(name)=\(value) was taken")
            return
        }
    }

    @Test(arguments: [
        ("response_type", "token", "unsupported_response_type"), ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "short", "invalid_request"), ("scope", "sql", "invalid_scope"),
        ("scope", "", "invalid_scope"),
        ("scope", "offline_access", "invalid_scope"),
    ])
    func `program is told what it asked for wrongly`(name: String, value: String, error: String) {
        var fields = Self.good
        fields[name] = value
        guard case .refused("http://localhost:8020", "s", error, _) = AuthorizationRequest.read(fields) else {
            Issue.record("\(AuthorizationRequest.read(fields))")
            return
        }
    }

    @Test func `loopback addresses may have any port and path`() {
        for address in ["http://localhost", "http://127.0.0.1:1/a?b=c", "http://[::1]:65535/x"] {
            #expect(AuthorizationRequest.isLoopback(address), "\(address)")
        }
    }

    @Test func `fields are added to the address as they have to be`() {
        func added(_ address: String) -> String {
            AuthorizationRequest.address(address, adding: [("code", "a b&c=é"), ("state", nil)])
        }
        #expect(added("http://localhost:1") == "http://localhost:1/?code=a%20b%26c%3D%C3%A9")
        #expect(added("http://localhost:1/x") == "http://localhost:1/x?code=a%20b%26c%3D%C3%A9")
        #expect(added("http://localhost:1/x?y=z") == "http://localhost:1/x?y=z&code=a%20b%26c%3D%C3%A9")
    }
}
