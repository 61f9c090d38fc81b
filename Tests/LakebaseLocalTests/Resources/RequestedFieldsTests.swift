//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@testable import LakebaseLocal

@Suite("Update masks") struct RequestedFieldsTests {
    private static let fields: [RequestedFields.Field] = [
        .init("spec.name"), .init("spec.limits.low"), .init("spec.limits.high"), .init("spec.ttl", group: "expiry"),
        .init("spec.no_expiry", group: "expiry"), .init("spec.tags", isClearable: true),
    ]

    private func select(_ mask: String?, _ body: String) throws -> [String] {
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(body.utf8))
        return try RequestedFields(mask, body: value).select(from: Self.fields).sorted()
    }

    @Test(arguments: [
        ("spec.name", #"{"spec":{"name":"x","ttl":"1s"}}"#, ["spec.name"]),
        (" spec.name , spec.ttl", #"{"spec":{"name":"x","ttl":"1s"}}"#, ["spec.name", "spec.ttl"]),
        ("spec", #"{"spec":{"name":"x","limits":{"low":1}}}"#, ["spec.limits.low", "spec.name"]),
        ("spec.limits", #"{"spec":{"limits":{"low":1}}}"#, ["spec.limits.high", "spec.limits.low"]),
        ("spec.tags", #"{"spec":{}}"#, ["spec.tags"]), ("spec.tags", "{}", ["spec.tags"]),
        (
            "*", #"{"spec":{"name":"x","limits":{"low":1,"high":2},"ttl":"1s"}}"#,
            ["spec.limits.high", "spec.limits.low", "spec.name", "spec.tags", "spec.ttl"]
        ),
    ]) func `a mask selects fields`(mask: String, body: String, selected: [String]) throws {
        #expect(try self.select(mask, body) == selected)
    }

    @Test(
        arguments: [
            (nil, #"{"spec":{"name":"x"}}"#), ("", "{}"), ("spec.name,", #"{"spec":{"name":"x"}}"#),
            ("spec.name", "{}"), ("spec.name", #"{"spec":{"name":null}}"#), ("spec.uid", #"{"spec":{"uid":1}}"#),
            ("name", #"{"name":"x"}"#), ("spec.limits", #"{"spec":{"name":"x"}}"#),
            ("*", #"{"spec":{"name":"x","limits":{"low":1,"high":2}}}"#), ("*", #"{"spec":{"ttl":"1s"}}"#),
        ] as [(String?, String)]) func `a mask that the body does not bear out is refused`(mask: String?, body: String)
        throws
    {
        let failure = #expect(throws: APIFailure.self) { try self.select(mask, body) }
        #expect(failure?.status == 400 && failure?.code == "INVALID_PARAMETER_VALUE")
    }
}
