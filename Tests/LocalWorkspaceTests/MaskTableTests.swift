//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@testable import LocalWorkspace

/// The rules of masks, held against each field of each kind of resource: the tables are walked, so that a field that is added is tested too.
@Suite("Tables of update masks") struct MaskTableTests {
    /// A kind of resource, by what its table is called.
    enum Kind: String, CaseIterable {
        case project, branch, endpoint, role, database, instance

        var table: MaskTable {
            switch self {
            case .project: .project
            case .branch: .branch
            case .endpoint: .endpoint
            case .role: .role
            case .database: .database
            case .instance: .instance
            }
        }
    }

    /// A field with its path.
    private typealias Node = (path: String, field: MaskTable.Field)

    private static func nodes(of table: MaskTable) -> [Node] {
        func below(_ fields: [(name: String, field: MaskTable.Field)], _ path: String) -> [Node] {
            fields.flatMap { name, field -> [Node] in
                let place = path.isEmpty ? name : "\(path).\(name)"
                guard case .message(let members) = field else { return [(place, field)] }
                return [(place, field)] + below(members, place)
            }
        }
        return below(table.fields, "")
    }

    /// A body that has a value at these paths.
    private static func body(_ paths: [String]) -> JSONValue {
        func insert(_ parts: Substring, into value: JSONValue) -> JSONValue {
            guard case .object(var members) = value else { return value }
            let split = parts.split(separator: ".", maxSplits: 1)
            guard let first = split.first.map(String.init) else { return value }
            members[first] =
                split.count == 1
                ? members[first] ?? .string("x") : insert(split[1], into: members[first] ?? .object([:]))
            return .object(members)
        }
        return paths.reduce(JSONValue.object([:])) { insert($1[...], into: $0) }
    }

    private static func select(_ mask: String, _ body: JSONValue, _ kind: Kind) -> Result<Set<String>, APIFailure> {
        do throws(APIFailure) {
            return .success(try RequestedFields(mask, body: body).select(from: kind.table))
        } catch {
            return .failure(error)
        }
    }

    private static func unknown(_ path: String) -> Result<Set<String>, APIFailure> {
        .failure(.invalid("Unknown field path in update_mask: '\(path)'"))
    }

    private static func absent(_ path: String) -> Result<Set<String>, APIFailure> {
        .failure(.invalid("Field '\(path)' is in update_mask but not provided in request"))
    }

    @Test(arguments: Kind.allCases) func `each field that changes goes by its own path, and has to be given`(kind: Kind)
    {
        #expect(!kind.table.leaves.isEmpty)
        for leaf in kind.table.leaves {
            for member in leaf.members {
                #expect(Self.select(leaf.path, Self.body([member]), kind) == .success([leaf.path]))
                if member != leaf.path {
                    #expect(Self.select(member, Self.body([member]), kind) == Self.unknown(member))
                }
            }
            let empty = Self.select(leaf.path, .object([:]), kind)
            #expect(empty == (leaf.isClearable ? .success([leaf.path]) : Self.absent(leaf.path)))
            #expect(Self.select("\(leaf.path).x", Self.body(leaf.members), kind) == Self.unknown("\(leaf.path).x"))
            // What is unknown comes before what is absent.
            #expect(Self.select("\(leaf.path),no.such", .object([:]), kind) == Self.unknown("no.such"))
        }
    }

    @Test(arguments: Kind.allCases) func `a star asks for every field, and one member of each group`(kind: Kind) {
        let leaves = kind.table.leaves
        let all = Set(leaves.map(\.path))
        #expect(Self.select("*", Self.body(leaves.map { $0.members[0] }), kind) == .success(all))
        for missing in leaves where !missing.isClearable {
            let given = leaves.filter { $0.path != missing.path }.map { $0.members[0] }
            #expect(Self.select("*", Self.body(given), kind) == Self.absent(missing.path))
        }
    }

    @Test(arguments: Kind.allCases) func `the spec is a patch, and a message in it is replaced`(kind: Kind) {
        for (path, field) in Self.nodes(of: kind.table) {
            let leaves = MaskTable.leaves(of: field, at: path)
            switch field {
            case .ignored:
                #expect(Self.select(path, .object([:]), kind) == .success([]))
            case .fixed:
                #expect((try? Self.select(path, Self.body([path]), kind).get()) == nil)
                let spec = path.split(separator: ".")[0]
                #expect(Self.select(String(spec), Self.body([path]), kind) == .success([]))
            case .message where !path.contains("."):
                #expect(Self.select(path, .object([:]), kind) == Self.absent(path))
                for leaf in leaves {
                    for member in leaf.members {
                        #expect(Self.select(path, Self.body([member]), kind) == .success([leaf.path]))
                    }
                }
            case .message:
                let all = Self.body(leaves.map { $0.members[0] })
                #expect(Self.select(path, all, kind) == .success(Set(leaves.map(\.path))))
                #expect(Self.select(path, .object([:]), kind) == Self.absent(path))
                for needed in MaskTable.needed(of: field, at: path) {
                    // One that is no part of the group, so that the message is there.
                    let rest = leaves.filter { $0.path != needed.path }.map { $0.members[0] }
                    #expect(Self.select(path, Self.body(rest), kind) == Self.absent(needed.path))
                }
            case .value, .required, .map, .list, .oneof: break
            }
        }
    }

    /// What was asked of the service itself.
    @Test(
        arguments: [
            (Kind.endpoint, "spec.suspension", #"{"spec":{"suspend_timeout_duration":"300s"}}"#, nil),
            (.branch, "spec.expiration", #"{"spec":{"ttl":"60s"}}"#, nil),
            (
                .project, "spec.default_endpoint_settings.suspension",
                #"{"spec":{"default_endpoint_settings":{"no_suspension":true}}}"#, nil
            ),
            (.branch, "spec.ttl", #"{"spec":{"ttl":"60s"}}"#, "Unknown field path in update_mask: 'spec.ttl'"),
            (
                .project, "spec.default_endpoint_settings,spec.default_endpoint_settings.autoscaling_limit_max_cu",
                #"{"spec":{"default_endpoint_settings":{"autoscaling_limit_max_cu":8}}}"#,
                "Field 'spec.default_endpoint_settings.suspension' is in update_mask but not provided in request"
            ),
            (
                .endpoint, "spec.settings.pg_settings['work_mem']",
                #"{"spec":{"settings":{"pg_settings":{"work_mem":"4MB"}}}}"#,
                "Unknown field path in update_mask: 'spec.settings.pg_settings['work_mem']'"
            ),
            (
                .project, "initial_branch_spec,initial_endpoint_spec,spec",
                #"{"name":"projects/p","spec":{"display_name":"x","pg_version":16}}"#, nil
            ),
            (
                .endpoint, "spec.group", #"{"spec":{"group":{"min":1}}}"#,
                "Field 'spec.group.max' is in update_mask but not provided in request"
            ),
        ] as [(Kind, String, String, String?)])
    func `what the service was seen to answer`(kind: Kind, mask: String, body: String, refusal: String?) throws {
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(body.utf8))
        switch Self.select(mask, value, kind) {
        case .success: #expect(refusal == nil)
        case .failure(let failure): #expect(failure.message == refusal && failure.status == 400)
        }
    }
}
