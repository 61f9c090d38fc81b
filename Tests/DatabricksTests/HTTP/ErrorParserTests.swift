//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import Databricks

@Suite("Refusals of every shape")
struct ErrorParserTests {
    private func error(_ status: Int, _ body: String, _ headers: [(name: String, value: String)] = [])
        -> DatabricksError
    {
        ErrorParser.error(
            from: TransportResponse(status: status, headers: headers, body: Array(body.utf8)), operation: "GET /x")
    }

    @Test(
        arguments: [
            (
                404, #"{"error_code":"NOT_FOUND","message":"project id not found"}"#, "notFound", "NOT_FOUND",
                "project id not found"
            ),
            (
                400, #"{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"m"}"#, "notFound", "RESOURCE_DOES_NOT_EXIST",
                "m"
            ),
            (409, #"{"error_code":"ALREADY_EXISTS","message":"m"}"#, "conflict", "ALREADY_EXISTS", "m"),
            (400, #"{"error_code":"BAD_REQUEST","message":"m"}"#, "invalidRequest", "BAD_REQUEST", "m"),
            (403, #"{"error_code":"PERMISSION_DENIED","message":"m"}"#, "permissionDenied", "PERMISSION_DENIED", "m"),
            (500, #"{"error":"API 1.2 says no"}"#, "serverError", nil, "API 1.2 says no"),
            (
                401, #"{"error":"invalid_client","error_description":"bad secret"}"#, "unauthenticated",
                "invalid_client", "bad secret"
            ),
            (
                400, #"{"error":"invalid_client","error_description":"bad secret"}"#, "unauthenticated",
                "invalid_client", "bad secret"
            ),
            (400, #"{"errorCode":"E1","errorSummary":"sum"}"#, "invalidRequest", "E1", "sum"),
            (
                404, #"{"detail":"no user","status":"404","scimType":"noTarget"}"#, "notFound", "SCIM_404",
                "noTarget: no user"
            ),
            (400, #"{"error":{"message":"nested"}}"#, "invalidRequest", nil, "nested"),
            (400, "MALFORMED_REQUEST: what?", "invalidRequest", "MALFORMED_REQUEST", "what?"),
            (500, "plain words", "serverError", nil, "plain words"),
            (502, "<html><head><title>502 Bad Gateway</title></head></html>", "serverError", nil, "502 Bad Gateway"),
            (400, "<html><body><pre>Bad\n  thing</pre></body></html>", "invalidRequest", nil, "Bad thing"),
            (503, "", "unavailable", nil, "not available at the moment"),
            (401, "", "unauthenticated", nil, "not authenticated"),
            (429, "{}", "tooManyRequests", nil, "too many requests"),
            (418, "[]", "unexpectedStatus", nil, "[]"),
            (500, #""text""#, "serverError", nil, "text"),
            (500, "{broken", "serverError", nil, "{broken"),
            (404, #"{"error_code":5,"message":{"x":1}}"#, "notFound", nil, "not found"),
        ] as [(Int, String, String, String?, String)]
    )
    func `becomes one error`(status: Int, body: String, code: String, errorCode: String?, message: String) {
        let error = self.error(status, body)
        #expect(error.code.description == code)
        #expect(error.errorCode == errorCode)
        #expect(error.message == message)
        #expect(error.httpStatus == status)
        #expect(error.operation == "GET /x")
    }

    @Test func `request id and details are kept`() {
        let error = self.error(
            400, #"{"error_code":"X","message":"m","details":[{"reason":"r"},{"request_id":"q-1"}]}"#,
            [("X-Request-Id", "h-1")]
        )
        #expect(error.requestID == "q-1" && error.details.count == 2)
        #expect(self.error(400, "", [("X-Request-Id", "h-1")]).requestID == "h-1")
        #expect(error.description == "invalidRequest: m (GET /x, HTTP 400, X, request q-1)")
    }

    @Test func `messages are one line and bounded`() {
        let error = self.error(500, "a\r\n\u{1B}[31mb\u{0}" + String(repeating: "x", count: 100_000))
        #expect(error.message.hasPrefix("a [31mb xxx"))
        #expect(error.message.count <= ErrorParser.messageLimit)
    }

    @Test(
        arguments: [
            ("5", Duration.seconds(5)), ("0", .zero), ("-1", nil), ("1.5", nil),
            ("Wed, 21 Oct 2015 07:28:00 GMT", .zero), ("Wed, 21 Oct 2015", nil),
            ("9999999999", .seconds(1_000_000_000)), ("99999999999999999999", .seconds(1_000_000_000)), ("", nil),
            ("NaN", nil),
            ("inf", nil), ("+5", nil),
        ] as [(String, Duration?)])
    func `Retry-After is whole seconds, or a time`(text: String, pause: Duration?) {
        #expect(self.error(429, "", [("retry-after", text)]).retryAfter == pause)
    }

    @Test func `Retry-After as a time is counted from the answer's own`() {
        let headers = [
            ("Date", "Wed, 21 Oct 2015 07:28:00 GMT"), ("Retry-After", "Wed, 21 Oct 2015 07:28:42 GMT"),
        ]
        #expect(self.error(503, "", headers).retryAfter == .seconds(42))
        for text in [
            "", "Wed, 21 Foo 2015 07:28:42 GMT", "Wednesday, 21-Oct-15 07:28:42 GMT", "Wed Oct 21 07:28:42 2015",
            "Wed, 32 Oct 2015 07:28:42 GMT", "Wed, 21 Oct 2015 07:28:42 PST", "     ", "Wed, 21 Oct 2015 99:99:99 GMT",
        ] {
            #expect(HTTPDate.date(from: text) == nil)
        }
    }

    @Test func `details of the known kinds are read, and others harm nothing`() {
        let error = self.error(
            429,
            """
            {"error_code":"REQUEST_LIMIT_EXCEEDED","message":"m","details":[
              {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"LIMIT","domain":"d","metadata":{"a":"b","n":1}},
              {"@type":"type.googleapis.com/google.rpc.RequestInfo","request_id":"q-1","serving_data":"s"},
              {"@type":"type.googleapis.com/google.rpc.RetryInfo","retry_delay":"7.5s"},
              {"@type":"type.googleapis.com/google.rpc.BadRequest","field_violations":[{"field":"spec.cu","description":"too\\nlarge"}]},
              {"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"subject":"project:p","description":"full"},5]},
              {"@type":"type.googleapis.com/google.rpc.Help","links":[{"description":"x","url":"https://docs"}]},
              {"@type":"mine","reason":{"x":1},"violations":"none"}, 5, null, "text", []]}
            """)
        let details = error.typedDetails
        #expect(details.reason == "LIMIT" && details.domain == "d" && details.metadata == ["a": "b"])
        #expect(error.requestID == "q-1" && details.links == ["https://docs"])
        #expect(error.retryAfter == .seconds(7.5))
        #expect(details.violations.map(\.subject) == ["spec.cu", "project:p", ""])
        #expect(details.violations.first?.description == "too large")
        #expect(error.details.count == 11)
    }

    @Test func `secrets that a service repeats are taken out`() {
        let error = self.error(
            401,
            #"{"error_code":"dapi-canary","message":"token dapi-canary is bad","details":[{"dapi-canary":["Bearer dapi-canary"]}]}"#
        )
        let masked = error.masking([Secret("Bearer dapi-canary")])
        #expect(!"\(masked) \(masked.details)".contains("canary"))
        #expect(masked.message == "token <redacted> is bad")
    }

    @Test func `bytes that are no text never trap`() {
        var seed: UInt64 = 42
        for size in 0..<300 {
            let body = (0..<size).map { _ -> UInt8 in
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: seed >> 33)
            }
            _ = ErrorParser.error(from: TransportResponse(status: 500, body: body), operation: "x")
        }
    }
}
