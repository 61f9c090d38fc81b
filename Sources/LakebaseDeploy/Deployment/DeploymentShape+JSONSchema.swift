//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Databricks
import StrictYAML

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension DeploymentShape {
    /// A JSON Schema (2020-12) of `deployment.yaml`, for editors: what `deployment.schema.json` has in it.
    ///
    /// It says what one value alone can be wrong in: keys, types, choices, letters and lengths. With `defaults` in a file it does not ask
    /// for keys that may come from there. Whether folders are inside the file's own, whether a capacity is in order, and which
    /// variables are set by others, only the reader knows.
    ///
    /// - Throws: What the encoder throws.
    public static func jsonSchema() throws -> String {
        let environments = { (name: String) -> JSONValue in
            .object([
                "properties": .object([
                    "environments": .object(["additionalProperties": .object(["$ref": .string("#/$defs/\(name)")])])
                ])
            ])
        }
        var file = YAMLShape.object(Self.file).jsonSchema(isPartial: false)
        file["$schema"] = .string("https://json-schema.org/draft/2020-12/schema")
        file["title"] = .string("deployment.yaml of lakebase-swift")
        file["properties"] = .object([
            "defaults": .object([
                "$ref": .string("#/$defs/partial"), "description": .string(Self.summary(of: "defaults")),
            ]),
            "environments": .object([
                "type": .string("object"), "minProperties": .integer(1),
                "description": .string(Self.summary(of: "environments")),
                "propertyNames": .object(Self.environmentName.jsonSchema),
            ]),
        ])
        file["if"] = .object(["required": .array([.string("defaults")])])
        file["then"] = environments("partial")
        file["else"] = environments("environment")
        file["$defs"] = .object([
            "environment": .object(YAMLShape.object(Self.environment).jsonSchema(isPartial: false)),
            "partial": .object(YAMLShape.object(Self.environment).jsonSchema(isPartial: true)),
        ])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(JSONValue.object(file)), as: UTF8.self) + "\n"
    }

    private static func summary(of key: String) -> String { self.file.keys.first { $0.name == key }?.summary ?? "" }
}

extension YAMLShape {
    /// This shape as members of a JSON Schema.
    ///
    /// - Parameter isPartial: Whether the value is put together with another, so that none of its keys has to be there. What is in lists
    ///   is not put together.
    fileprivate func jsonSchema(isPartial: Bool) -> [String: JSONValue] {
        switch self {
        case .text(let rule): return rule.jsonSchema
        case .anyScalar(let rule):
            var schema = rule.jsonSchema
            schema["type"] = .array([.string("string"), .string("number"), .string("boolean")])
            return schema
        case .boolean: return ["type": .string("boolean")]
        case .number(let range):
            return [
                "type": .string("number"), "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound),
            ]
        case .choice(let words): return ["enum": .array(words.map(JSONValue.string))]
        case .list(let shape):
            return ["type": .string("array"), "items": .object(shape.jsonSchema(isPartial: false))]
        case .named(let rule, let shape):
            return [
                "type": .string("object"), "propertyNames": .object(rule.jsonSchema),
                "additionalProperties": .object(shape.jsonSchema(isPartial: isPartial)),
            ]
        case .object(let object): return object.jsonSchema(isPartial: isPartial)
        case .variants(let key, let variants):
            let schemas = variants.map { variant in
                var object = variant.object
                object.keys.insert(
                    YAMLKey(key, .choice([variant.value]), isRequired: true, variants.summary(key)), at: 0)
                return JSONValue.object(object.jsonSchema(isPartial: isPartial))
            }
            return ["type": .string("object"), "anyOf": .array(schemas)]
        case .either(let shapes):
            return ["anyOf": .array(shapes.map { .object($0.jsonSchema(isPartial: isPartial)) })]
        }
    }
}

extension [YAMLVariant] {
    /// What the deciding key is for.
    func summary(_ key: String) -> String {
        "Which \(key), and so which other keys: \(self.map(\.value).joined(separator: " or "))."
    }
}

extension YAMLObject {
    fileprivate func jsonSchema(isPartial: Bool) -> [String: JSONValue] {
        var properties: [String: JSONValue] = [:]
        for key in self.keys {
            var schema = key.shape.jsonSchema(isPartial: isPartial)
            schema["description"] = .string(key.summary)
            properties[key.name] = .object(schema)
        }
        var schema: [String: JSONValue] = [
            "type": .string("object"), "properties": .object(properties), "additionalProperties": .boolean(false),
        ]
        let required = self.keys.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !isPartial, !required.isEmpty { schema["required"] = .array(required) }
        if !self.exactlyOne.isEmpty {
            schema["oneOf"] = .array(self.exactlyOne.map { .object(["required": .array([.string($0)])]) })
        }
        return schema
    }
}

extension YAMLTextRule {
    fileprivate var jsonSchema: [String: JSONValue] {
        var schema: [String: JSONValue] = [
            "type": .string("string"), "maxLength": .integer(Int64(self.length.upperBound)),
        ]
        if self.length.lowerBound > 0 { schema["minLength"] = .integer(Int64(self.length.lowerBound)) }
        if let pattern = self.pattern { schema["pattern"] = .string("^(?:\(pattern))$") }
        return schema
    }
}
