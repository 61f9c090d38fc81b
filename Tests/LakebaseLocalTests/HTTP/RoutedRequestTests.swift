//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseLocal

@Suite("Requests as the router compares them") struct RoutedRequestTests {
    @Test(arguments: [
        ("/api/2.0/apps", "/api/2.0/apps"), ("/", "/%"), ("", "/%"), ("*", "/%"), ("api/2.0/apps", "/%"),
        ("http://127.0.0.1:80/api/2.0/apps", "/%"), ("//api", "/%/api"), ("/apps/", "/apps/%"),
        ("/apps//x", "/apps/%/x"),
        ("/apps/%", "/apps/%25"), ("/a?b#c", "/a%3Fb%23c"), ("/a b\u{0}", "/a%20b%00"), ("/apps\u{301}", "/apps%CC%81"),
        ("/instances:findByUid", "/instances:findByUid"), ("/\u{212A}", "/%E2%84%AA"), ("/a@b==", "/a@b=="),
    ]) func `a path is ASCII, keeps its empty parts, and is no other path`(path: String, routed: String) {
        #expect(RoutedRequest.path(path) == routed)
        #expect(RoutedRequest.path(path).utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    }
}
