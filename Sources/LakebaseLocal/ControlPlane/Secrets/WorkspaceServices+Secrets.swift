//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import Secrets

extension WorkspaceServices {
    /// Below `/api/2.0/secrets`.
    func scopedSecret(_ path: [String], _ request: APIRequest) throws -> APIResponse {
        switch (request.method, path.first, path.count > 1 ? path[1] : nil, path.count) {
        case ("GET", "scopes", "list", 2):
            let scopes = self.scopes.names.map {
                JSONValue.object(["name": .string($0), "backend_type": .string("DATABRICKS")])
            }
            return .json(JSONValue.object(scopes.isEmpty ? [:] : ["scopes": .array(scopes)]))
        case ("POST", "scopes", "create", 2):
            let body = try ControlPlane.object(request.body)
            let backend = body["scope_backend_type"]?.stringValue ?? "DATABRICKS"
            guard backend == "DATABRICKS" else {
                throw APIFailure.notEmulated("scopes of the kind \(backend.escapedForLog(limit: 60))")
            }
            try self.scopes.create(try Self.required("scope", body))
            return Self.nothing
        case ("POST", "scopes", "delete", 2):
            try self.scopes.delete(try Self.required("scope", try ControlPlane.object(request.body)))
            return Self.nothing
        case ("POST", "put", nil, 1):
            let body = try ControlPlane.object(request.body)
            try self.scopes.put(
                try Self.value(body), try Self.required("key", body), in: try Self.required("scope", body), now: Date())
            return Self.nothing
        case ("POST", "delete", nil, 1):
            let body = try ControlPlane.object(request.body)
            try self.scopes.delete(try Self.required("key", body), in: try Self.required("scope", body))
            return Self.nothing
        case ("GET", "get", nil, 1):
            let key = request.query["key"] ?? ""
            let value = try self.scopes.get(key, in: request.query["scope"] ?? "")
            return .json(
                JSONValue.object([
                    "key": .string(key),
                    "value": .string(value.withUnsafeValue { Data($0.utf8).base64EncodedString() }),
                ]))
        case ("GET", "list", nil, 1):
            let secrets = try self.scopes.list(request.query["scope"] ?? "").map { key, updated in
                JSONValue.object(["key": .string(key), "last_updated_timestamp": .integer(updated)])
            }
            return .json(JSONValue.object(secrets.isEmpty ? [:] : ["secrets": .array(secrets)]))
        case (_, "acls", _, _): throw APIFailure.notEmulated("permissions on scopes of secrets")
        default: throw APIFailure.notEmulated("\(request.method) \(request.path)")
        }
    }

    private static func required(_ field: String, _ body: [String: JSONValue]) throws -> String {
        guard let value = body[field]?.stringValue, !value.isEmpty else { throw APIFailure.missing(field) }
        return value
    }

    private static func value(_ body: [String: JSONValue]) throws -> Secret {
        switch (body["string_value"]?.stringValue, body["bytes_value"]?.stringValue) {
        case (let text?, nil): return Secret(text)
        case (nil, let bytes?):
            guard let data = Data(base64Encoded: bytes), let text = String(data: data, encoding: .utf8) else {
                throw APIFailure.invalid(
                    "Field 'bytes_value' is no text in Base64; the local workspace keeps secrets that are text.")
            }
            return Secret(text)
        case (nil, nil), (_?, _?):
            throw APIFailure.invalid("Exactly one of 'string_value' and 'bytes_value' is required.")
        }
    }
}
