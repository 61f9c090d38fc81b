//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

@Suite("JSON from outside") struct JSONReaderTests {
    @Test(arguments: [
        (#"{"a":[1,-2.5,true,false,null,"x\n\u00e9\ud83d\ude00\/"],"b":{}}"#), (" [ ] "), ("0"), ("-0"), ("1e3"),
        ("1.0"),
        (#""\u0000""#), ("9223372036854775807"), ("9223372036854775808"), (#"{"":{"":""}}"#), ("-9223372036854775808"),
    ]) func `reads what the other decoder reads, to the same value`(text: String) throws {
        #expect(
            try JSONReader.value(of: text.utf8) == JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)),
            "\(text)")
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "[1 2]", "{\"a\":1,}", "{\"a\" 1}", "{1:2}", "01", "-", "1.", ".5", "1e", "1e400", "nul",
        "tru", "[1]x",
        "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\\u12\"", "\"\\x\"", "\"a\nb\"", "\"",
        "{\"a\":1,\"a\":2}", "'a'", "NaN",
        "\u{FEFF}1",
    ]) func `refuses what is no JSON`(text: String) {
        #expect(throws: JSONReader.Problem.self) { try JSONReader.value(of: text.utf8) }
    }

    @Test func `refuses bytes that are no text`() {
        #expect(throws: JSONReader.Problem.self) { try JSONReader.value(of: [0x22, 0xFF, 0x22]) }
        #expect(throws: JSONReader.Problem.self) { try JSONReader.value(of: [0x22, 0xC0, 0x80, 0x22]) }
    }

    @Test func `depth and number are limited, whatever the size`() throws {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(throws: JSONReader.Problem.tooDeep(limit: 64)) { try JSONReader.value(of: deep.utf8) }
        #expect(throws: JSONReader.Problem.tooDeep(limit: 64)) { try JSONReader.check(deep.utf8) }
        let fits = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(throws: Never.self) { _ = try JSONReader.value(of: fits.utf8) }
        #expect(throws: Never.self) { try JSONReader.check(fits.utf8) }
        let many = "[" + String(repeating: "0,", count: 200_000) + "0]"
        #expect(throws: JSONReader.Problem.tooMany(limit: 100_000)) { try JSONReader.value(of: many.utf8) }
        #expect(throws: JSONReader.Problem.tooMany(limit: 100_000)) { try JSONReader.check(many.utf8) }
        // Brackets in a text are none.
        let text = "[\"" + String(repeating: "[\\\"{", count: 1_000) + "\"]"
        #expect(throws: Never.self) { try JSONReader.check(text.utf8) }
    }

    @Test func `bodies are held to it before they are decoded`() {
        for body in ["{\"a\":" + String(repeating: "[", count: 500_000), String(repeating: "{\"a\":", count: 100_000)] {
            let failure = #expect(throws: APIFailure.self) { try ControlPlane.object(Data(body.utf8)) }
            #expect(failure?.status == 400)
            let typed = #expect(throws: APIFailure.self) {
                try ControlPlane.decode(Postgres.Project.self, from: Data(body.utf8))
            }
            #expect(typed?.status == 400)
        }
    }
}
