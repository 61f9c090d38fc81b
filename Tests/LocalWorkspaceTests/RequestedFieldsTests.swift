//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@testable import LocalWorkspace

@Suite("Update masks") struct RequestedFieldsTests {
    private static let table = MaskTable(fields: [
        ("initial", .ignored),
        (
            "spec",
            .message([
                ("name", .value), ("limits", .message([("low", .value), ("high", .required)])),
                ("expiry", .oneof(["ttl", "no_expiry"])), ("tags", .list), ("settings", .message([("map", .map)])),
                ("version", .fixed),
            ])
        ),
    ])

    private func select(_ mask: String?, _ body: String) throws -> [String] {
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(body.utf8))
        return try RequestedFields(mask, body: value).select(from: Self.table).sorted()
    }

    @Test(arguments: [
        ("spec.name", #"{"spec":{"name":"x","ttl":"1s"}}"#, ["spec.name"]),
        (" spec.name , spec.expiry", #"{"spec":{"name":"x","ttl":"1s"}}"#, ["spec.expiry", "spec.name"]),
        ("spec.expiry", #"{"spec":{"no_expiry":true}}"#, ["spec.expiry"]),
        ("spec", #"{"spec":{"name":"x","limits":{"low":1},"version":3}}"#, ["spec.limits.low", "spec.name"]),
        ("initial,spec", #"{"spec":{"name":"x"}}"#, ["spec.name"]), ("initial", "{}", []),
        ("spec.limits", #"{"spec":{"limits":{"high":1}}}"#, ["spec.limits.high", "spec.limits.low"]),
        ("spec.settings", #"{"spec":{"settings":{}}}"#, ["spec.settings.map"]),
        ("spec.tags", #"{"spec":{}}"#, ["spec.tags"]), ("spec.tags", "{}", ["spec.tags"]),
        (
            "*", #"{"spec":{"name":"x","limits":{"low":1,"high":2},"ttl":"1s","settings":{"map":{}}}}"#,
            [
                "spec.expiry", "spec.limits.high", "spec.limits.low", "spec.name", "spec.settings.map", "spec.tags",
            ]
        ),
    ]) func `a mask selects fields`(mask: String, body: String, selected: [String]) throws {
        #expect(try self.select(mask, body) == selected)
    }

    private static let whole = #"{"spec":{"name":"x","limits":{"low":1,"high":2},"settings":{"map":{}}}}"#

    @Test(
        arguments: [
            (nil, whole, "Field 'update_mask' is required"), ("", "{}", "Field 'update_mask' is required"),
            ("spec.name,", whole, "Field 'update_mask' is required"),
            ("spec.name", "{}", "Field 'spec.name' is in update_mask but not provided in request"),
            ("spec.name", #"{"spec":{"name":null}}"#, "Field 'spec.name' is in update_mask but not"),
            ("spec", "{}", "Field 'spec' is in update_mask but not provided in request"),
            ("spec.limits", #"{"spec":{"name":"x"}}"#, "Field 'spec.limits' is in update_mask but not"),
            ("spec.limits", #"{"spec":{"limits":{"low":1}}}"#, "Field 'spec.limits.high' is in update_mask but not"),
            ("*", whole, "Field 'spec.expiry' is in update_mask but not provided in request"),
            ("spec.uid", #"{"spec":{"uid":1}}"#, "Unknown field path in update_mask: 'spec.uid'"),
            ("spec.ttl", #"{"spec":{"ttl":"1s"}}"#, "Unknown field path in update_mask: 'spec.ttl'"),
            ("spec.settings.map.key", whole, "Unknown field path in update_mask: 'spec.settings.map.key'"),
            ("spec.settings.map['key']", whole, "Unknown field path in update_mask: 'spec.settings.map['key']'"),
            ("name", #"{"name":"x"}"#, "Unknown field path in update_mask: 'name'"),
            // What is unknown is told before what is absent, whatever comes first.
            ("spec.expiry,spec.ttl", "{}", "Unknown field path in update_mask: 'spec.ttl'"),
            (
                "spec.version", #"{"spec":{"version":3}}"#,
                "Field 'spec.version' is in update_mask and cannot be changed"
            ),
        ] as [(String?, String, String)])
    func `a mask that the body does not bear out is refused`(mask: String?, body: String, text: String) throws {
        let failure = #expect(throws: APIFailure.self) { try self.select(mask, body) }
        #expect(failure?.status == 400 && failure?.code == "INVALID_PARAMETER_VALUE")
        #expect(failure?.message.hasPrefix(text) == true, "\(String(describing: failure))")
    }
}
