//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import LocalWorkspace

/// The users and groups of the workspace, which cannot be changed.
extension WorkspaceServices {
    private static let changes = "Users and groups other than the developer, admins and users"

    /// Answers a request for `/api/2.0/preview/scim/v2/Users` or a path below it.
    func users(_ path: [String], _ request: APIRequest) throws -> APIResponse {
        try Self.answer(
            [self.developer.directoryEntry(groups: ["admins", "users"])], path, request, attribute: "userName")
    }

    /// Answers a request for `/api/2.0/preview/scim/v2/Groups` or a path below it.
    func groups(_ path: [String], _ request: APIRequest) throws -> APIResponse {
        let principals = try self.principals.value.list(filter: nil)
        func members(_ isMember: (IAM.ServicePrincipal) -> Bool) -> [JSONValue] {
            let people = [("Users", self.developer.id, self.developer.displayName)]
            let programs = principals.filter(isMember).map { ("ServicePrincipals", $0.id ?? "", $0.displayName ?? "") }
            return (people + programs).map { kind, id, name in
                .object(["value": .string(id), "display": .string(name), "$ref": .string("\(kind)/\(id)")])
            }
        }
        let groups = [("1", "users", members { _ in true }), ("2", "admins", members(\.isInAdmins))].map {
            id, name, members in
            JSONValue.object([
                "schemas": .array([.string("urn:ietf:params:scim:schemas:core:2.0:Group")]), "id": .string(id),
                "displayName": .string(name), "members": .array(members), "groups": .array([]), "roles": .array([]),
                "meta": .object(["resourceType": .string("WorkspaceGroup")]),
            ])
        }
        return try Self.answer(groups, path, request, attribute: "displayName")
    }

    /// Returns a resource by its number, or a page of those that match the filter.
    private static func answer(
        _ all: [JSONValue], _ path: [String], _ request: APIRequest, attribute: String
    ) throws -> APIResponse {
        guard request.method == "GET" else { throw APIFailure.notEmulated(Self.changes) }
        switch path.count {
        case 0:
            let found = try Self.filtered(all, by: request.query["filter"], attribute: attribute)
            let start = max(1, request.query["startIndex"].flatMap { Int($0) } ?? 1)
            let count = min(max(0, request.query["count"].flatMap { Int($0) } ?? 100), 10_000)
            let page = Array(found.dropFirst(start - 1).prefix(count))
            return .json(
                JSONValue.object([
                    "schemas": .array([.string(IAM.ListServicePrincipalsResponse.schema)]),
                    "totalResults": .integer(Int64(found.count)), "startIndex": .integer(Int64(start)),
                    "itemsPerPage": .integer(Int64(page.count)), "Resources": .array(page),
                ]))
        case 1:
            guard let one = all.first(where: { $0.isNamed(path[0], by: "id") }) else {
                throw APIFailure.notFound("\(request.path) not found.")
            }
            return .json(one)
        default: throw APIFailure.unknownAPI(request)
        }
    }

    private static func filtered(_ all: [JSONValue], by filter: String?, attribute: String) throws -> [JSONValue] {
        guard let filter, !filter.isEmpty else { return all }
        let parts = filter.splitExactly(at: " ", maxSplits: 2).map { String($0) }
        guard parts.count == 3, parts[1].lowercased() == "eq" else {
            throw APIFailure.invalid("The filter '\(filter)' cannot be read; use: \(attribute) eq \"NAME\"")
        }
        // The SDKs' examples quote the value; some programs do not.
        var wanted = parts[2][...]
        if wanted.utf8.count >= 2, wanted.startsExactly(with: "\""), wanted.endsExactly(with: "\"") {
            wanted = Substring(wanted.utf8.dropFirst().dropLast())
        }
        guard let key = [attribute, "id"].first(where: { $0.lowercased() == parts[0].lowercased() }) else {
            throw APIFailure.invalid("The local workspace does not filter by '\(parts[0])'.")
        }
        return all.filter { $0.isNamed(wanted, by: key) }
    }
}

extension JSONValue {
    fileprivate func isNamed(_ name: some StringProtocol, by key: String) -> Bool {
        if case .string(let text)? = self[key] { text.isExactly(String(name)) } else { false }
    }
}

extension LocalIdentity {
    /// The user as a SCIM resource.
    fileprivate func directoryEntry(groups: [String]) -> JSONValue {
        .object([
            "schemas": .array([.string("urn:ietf:params:scim:schemas:core:2.0:User")]), "id": .string(self.id),
            "userName": .string(self.userName), "displayName": .string(self.displayName), "active": .boolean(true),
            "emails": .array([
                .object(["value": .string(self.userName), "type": .string("work"), "primary": .boolean(true)])
            ]),
            "groups": .array(groups.map { .object(["display": .string($0)]) }),
        ])
    }
}
