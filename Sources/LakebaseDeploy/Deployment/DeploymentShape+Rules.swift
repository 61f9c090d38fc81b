//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
import StrictYAML

extension DeploymentShape {
    static let environmentName = YAMLTextRule(
        "the name of an environment", pattern: "[A-Za-z][A-Za-z0-9_-]*",
        words: "letters, digits, underscores and hyphens, a letter first", length: 1...40)

    static let appName = YAMLTextRule(
        "the name of an app", pattern: "[a-z0-9]([a-z0-9-]*[a-z0-9])?",
        words: "lowercase letters, digits and hyphens, and no hyphen at either end", length: 1...30)

    static let projectID = YAMLTextRule(
        "the id of a project", pattern: "[a-z]([a-z0-9-]*[a-z0-9])?",
        words: "lowercase letters, digits and hyphens, a letter first and no hyphen last", length: 1...63)

    static let branchID = YAMLTextRule(
        "the id of a branch", pattern: "[a-z]([a-z0-9-]*[a-z0-9])?",
        words: "lowercase letters, digits and hyphens, a letter first and no hyphen last", length: 1...63)

    static let instanceName = YAMLTextRule(
        "the name of an instance", pattern: "[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?",
        words: "letters, digits and hyphens, a letter first and no hyphen last", length: 1...63)

    /// PostgreSQL cuts longer names off; that it counts bytes is checked when the file is read.
    static let databaseName = YAMLTextRule("the name of a database", length: 1...63)

    static let schemaName = YAMLTextRule("the name of a schema", length: 1...63)

    static let roleName = YAMLTextRule("the name of a role", length: 1...63)

    static let folder = YAMLTextRule("a folder", length: 1...1024)

    static let packageFolder = YAMLTextRule("the folder of a package", length: 1...1024)

    static let duration = YAMLTextRule(
        "a length of time", pattern: "[0-9]+(s|m|h|d)", words: "a number and s, m, h or d, such as 12h or 7d",
        length: 2...10)

    /// A length of time by the rule ``duration``; nothing for anything else.
    static func duration(_ text: String) -> Duration? {
        guard let number = Int64(text.dropLast()) else { return nil }
        switch text.last {
        case "s": return .seconds(number)
        case "m": return .seconds(number * 60)
        case "h": return .seconds(number * 3600)
        case "d": return .seconds(number * 86400)
        default: return nil
        }
    }

    /// What is wrong with a name in PostgreSQL besides its letters; nothing if it is right.
    static func mistake(inRoleOrObject name: String, _ what: String) -> String? {
        name.utf8.count <= 63
            ? nil : "'\(name)' cannot be \(what): it has \(name.utf8.count) bytes, and PostgreSQL keeps 63"
    }

    /// Variables that the platform or the deployment sets, and what to do in place of setting them.
    static func owner(ofVariable name: String) -> String? {
        switch name {
        case "LAKEBASE_TYPE", "LAKEBASE_ENDPOINT", "LAKEBASE_ENDPOINT_NAME", "ENDPOINT_NAME", "LAKEBASE_INSTANCE",
            "LAKEBASE_INSTANCE_NAME", "LAKEBASE_SCHEMA", "LAKEBASE_PG_HOST":
            "is set by the deployment, from 'lakebase'; leave it out"
        case "PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGAPPNAME":
            "is set by the platform, from the database of the app; leave it out"
        case "PGPASSWORD":
            "is the password, which is a token that the app mints itself; leave it out"
        default:
            name.startsExactly(with: "DATABRICKS_") ? "is set by the platform; leave it out" : nil
        }
    }
}
